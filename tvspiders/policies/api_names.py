"""Which of its two names a list has at one origin: learned from the answers, with one wrong request at most.

While the name is not known, one request at a time finds it out and the others wait. A 404 speaks against a
name only where the subject states that there is something to list: old versions of the API answer 404 for an
empty list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

ENOUGH = 2
"""Subjects whose list has neither name before no other one is asked for in this run."""


class NotFound(Enum):
    """What a 404 for a list means."""

    AGAIN = "again"
    """The list is to be asked for under another name."""
    EMPTY = "empty"
    """There is nothing to list."""
    UNREADABLE = "unreadable"
    """There is something to list, and neither name brings it."""


def missed_topic(key: str) -> str:
    """Under what a list's name is kept that did not answer, for a run that ends before another one did."""
    return f"{key} missed"


@dataclass
class _List:
    names: tuple[str, str]
    known: str | None
    before: str | None = None
    """The name that was known before it was doubted; once in a run."""
    doubted: bool = False
    misses: set[str] = field(default_factory=set)
    """Names that were missed."""
    failed: int = 0
    """Subjects whose list has neither name."""


class ApiNames:
    """The names of one origin's lists; a list is a key such as ``thing/copies``.

    Lists of one name under different subjects are likely to be called alike, and are tried so.
    """

    def __init__(
        self, names: Mapping[str, tuple[str, str]], known: Mapping[str, str], alive: Callable[[int], bool]
    ) -> None:
        """``known`` holds names by list, and by ``missed_topic(list)`` a name that did not answer.

        ``alive`` says whether a request, by its number, is still under way.
        """
        self._lists = {
            key: _List(pair, known.get(key) if known.get(key) in pair else None)
            for key, pair in names.items()
        }
        for key, each in self._lists.items():
            each.misses.add(known.get(missed_topic(key), ""))
        self._alive = alive
        self._asking: dict[str, int] = {}
        """First name -> number of the request that finds out."""
        self._tried: defaultdict[int, set[str]] = defaultdict(set)
        """Number of a request -> names under which it was missed."""

    @property
    def known(self) -> dict[str, str]:
        """List -> its name, where that is known."""
        return {key: each.known for key, each in self._lists.items() if each.known}

    def name_for(self, key: str, number: int) -> str | None:
        """The name under which a request is to ask; ``None``: it must wait for another one's answer."""
        each = self._lists[key]
        if each.known is not None:
            return each.known
        group = each.names[0]
        asking = self._asking.get(group)
        if asking is not None and asking != number and self._alive(asking):
            return None
        self._asking[group] = number
        alike = [other.known for other in self._lists.values() if other.names == each.names and other.known]
        order = [*alike, *each.names]
        return min(
            order, key=lambda name: (name in self._tried[number], name in each.misses, order.index(name))
        )

    def is_closed(self, key: str) -> bool:
        """Whether the list is not to be asked for any more in this run."""
        each = self._lists[key]
        return each.known is None and each.failed >= ENOUGH

    def answered(self, key: str, name: str) -> bool:
        """A list was answered under this name; whether that was not known."""
        each = self._lists[key]
        self._asking.pop(each.names[0], None)
        if name not in each.names or each.known == name:
            return False
        news = name != each.before
        each.known, each.failed = name, 0
        return news

    def missed(self, key: str, name: str, number: int, stated: int | None) -> NotFound:
        """A list was not found under this name; ``stated`` is how long its subject says it is."""
        each = self._lists[key]
        other = each.names[1] if name == each.names[0] else each.names[0]
        each.misses.add(name)
        tried = self._tried[number]
        tried.add(name)
        if self._asking.get(each.names[0]) == number:
            del self._asking[each.names[0]]
        if each.known is not None and each.known not in tried:
            return NotFound.AGAIN  # it was asked before the name was learned
        if each.known is not None:
            return self._doubt(each, other in tried, stated)
        if stated == 0:
            return NotFound.EMPTY
        if other not in tried and (stated or other not in each.misses) and not self.is_closed(key):
            return NotFound.AGAIN
        if stated is None:
            return NotFound.EMPTY
        each.failed += 1
        each.known = each.before
        return NotFound.UNREADABLE

    @staticmethod
    def _doubt(each: _List, tried: bool, stated: int | None) -> NotFound:
        """The known name does not bring a list: perhaps it has changed, which is found out once in a run."""
        if not stated:
            return NotFound.EMPTY
        if each.doubted or tried:
            return NotFound.UNREADABLE
        each.doubted = True
        each.before, each.known = each.known, None
        return NotFound.AGAIN
