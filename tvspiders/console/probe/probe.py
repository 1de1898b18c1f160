"""One probe of an API origin: its requests, what they showed so far, and what was found out."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tvspiders.api import parsing, urls
from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.values import identity
from tvspiders.console.api.client import Reply
from tvspiders.console.probe.quota import QuotaSigns

MAX_REQUESTS = 60
"""In one probe."""
SEEN, LIKELY, UNKNOWN = "seen", "likely", "not known"
"""How sure an answer is."""
QUESTIONS = {
    "quota": "requests in a window",
    "window": "a window begins",
    "thing/derivatives": "list of a thing's remixes",
    "thing/copies": "list of a thing's makes",
    "user/copies": "list of a user's makes",
    "user/likes": "list of a user's likes",
    "detail/categories": "categories in a thing's page",
    "search/counts": "counts in rows of a search",
    "list/counts": "counts in rows of a list",
    "search/per_page": "rows on a page of a search",
    "list/per_page": "rows on a page of a list",
    "search/past 10000": "past 10,000 results",
    "search/posted_after": "posted_after",
    "search/posted_before": "posted_before",
    "category/sort": "sort in a category",
    "old listings": "old listings alive",
    "newest": "newest thing",
    "deleted": "page of a deleted thing",
    "hidden": "page of a hidden thing",
}
"""Topic -> the question in words."""

_NUMBER = re.compile(r"\d+")
Ask = Callable[[str], Awaitable[Reply]]


@dataclass(frozen=True)
class Finding:
    """One result."""

    topic: str
    """Its name in the database."""
    question: str
    answer: str
    sure: str
    """``seen``, ``likely`` or ``not known``."""
    why: str
    """The evidence, or what is needed for one."""
    value: Any = None
    """The answer for programs; ``None`` where it is not known."""


class Spent(Exception):
    """No more requests are allowed (raised by :class:`Probe`)."""


@dataclass
class Probe:
    """Sends requests, and keeps what the next question can use."""

    ask: Ask
    missing: Sequence[int] = ()
    """Things that are known to be gone or hidden."""
    clock: Callable[[], float] = time.time
    asked: int = 0
    findings: list[Finding] = field(default_factory=list)
    signs: QuotaSigns = field(default_factory=QuotaSigns)
    things: list[dict[str, Any]] = field(default_factory=list)
    """Own pages."""
    users: list[dict[str, Any]] = field(default_factory=list)
    """Profiles."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Of a search for what is popular."""
    listed: list[dict[str, Any]] = field(default_factory=list)
    """Things of a list that is not a search."""
    total: int | None = None
    """Results of a search for everything."""
    newest: list[int] = field(default_factory=list)
    """Numbers on the first page of a list of newest things."""
    newest_by_search: bool = False
    """Whether that page is a search's, not the old list's."""
    refusals: dict[str, Answer] = field(default_factory=dict)
    """``deleted`` and ``hidden`` -> the response for such a thing's page."""

    async def get(self, path: str) -> Reply:
        """Request a path; raises ``Spent`` when no more requests are allowed, or the limiter refuses one."""
        if self.asked >= MAX_REQUESTS or self.signs.refused:
            raise Spent
        self.asked += 1
        reply = await self.ask(path)
        self.signs.note(reply.answer, reply.headers, self.clock())
        if self.signs.refused:
            raise Spent
        return reply

    async def get_rows(self, path: str) -> list[dict[str, Any]]:
        """Rows of a list or search; none where the response has no list."""
        reply = await self.get(path)
        if reply.answer.verdict is not Verdict.OK:
            return []
        return [row for row in parsing.envelope(reply.answer.document).rows if isinstance(row, dict)]

    async def get_thing(self, number: int) -> dict[str, Any] | None:
        """A thing's own page; ``None`` for one that is missing, whose response is kept."""
        answer = (await self.get(urls.thing(number))).answer
        if answer.verdict is Verdict.GONE:
            self.refusals.setdefault("deleted", answer)
        elif answer.verdict in (Verdict.HIDDEN, Verdict.FORBIDDEN):
            self.refusals.setdefault("hidden", answer)
        document = answer.document
        return document if answer.verdict is Verdict.OK and isinstance(document, dict) else None

    def found(self, topic: str, answer: str, sure: str, why: str, value: Any = None) -> None:
        """Add what was found out about a topic."""
        value = answer if value is None and sure != UNKNOWN else value
        self.findings.append(Finding(topic, QUESTIONS[topic], answer, sure, why, value))

    def unknown(self, topic: str, why: str) -> None:
        """Add that nothing is known about a topic."""
        self.found(topic, "-", UNKNOWN, why)


def words_of(answer: Answer) -> str:
    """The words of an error, without the number of a thing."""
    return _NUMBER.sub("N", answer.message) or "(no words)"


def ids(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Numbers of the things that rows are about."""
    return [number for row in rows if (number := identity(row.get("id")))]
