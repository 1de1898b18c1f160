"""The answer whose callback, spider middlewares and item pipelines are running now."""

from __future__ import annotations

from collections.abc import Container, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tvspiders.api.answers import Verdict
from tvspiders.items import Item, Source
from tvspiders.ledger.answers.outputs import item_of
from tvspiders.storage.units import NewRequest, Unit


@dataclass(eq=False)
class OpenAnswer:
    """Collects what an answer brings, until all of that has passed the pipelines."""

    unit: Unit
    source: Source
    depth: int
    """Steps from a start request to this answer."""
    owner: str
    """See ``meta.OWNER``."""
    verdict: Verdict = Verdict.OK
    read_to_end: bool = False
    """Whether the callback has given all it has to give."""
    error: Exception | None = None
    """The first thing that went wrong; nothing of such an answer is stored."""
    repeats: int = 0
    """Requests so far that ask with ``dont_filter``."""

    def refuse(self, error: Exception) -> None:
        """Something went wrong: of this answer only the body is kept, and why."""
        self.error = self.error or error

    def follow(self, request: NewRequest, told: Iterable[Item] = ()) -> None:
        """Queue a request together with all that this answer brings, and what it ``told`` of its subject."""
        self.unit.requests.append(request)
        for item in told:
            item.stamp(self.source)
            self.unit.told.append(item)

    def keep(self, output: Any, was_ours: bool, known: Container[object]) -> bool:
        """Store what the last pipeline gave; ``known`` are items that are on disk with this content.

        Returns whether it was news. Raises ``AnswerRefused`` for what cannot be stored.
        """
        item = item_of(output, was_ours)
        if item is None:
            self.unit.others.append(output)
            return True
        item.stamp(self.source)
        if item in known:
            return False
        self.unit.items.append(item)
        if item is not output:
            self.unit.exported[id(item)] = output
        return True

    def stamp(self, item: Any) -> None:
        """Tell an item of ours which answer it comes from, before the pipelines see it."""
        if isinstance(item, Item):
            item.stamp(self.source)


AT_WORK: ContextVar[OpenAnswer | None] = ContextVar("answer_at_work", default=None)
"""Set for the task in which Scrapy works on a response, and so for all that this task begins.

A spider middleware may replace what passes, in any place of the order: the task stays the same.
"""
