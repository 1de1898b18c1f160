"""Which of its two API names a list has at one origin: learned with at most one wrong request.

While the name is unknown, one request at a time tests it and the others wait. A 404 is evidence against a
name only where the subject states that the list is not empty: old versions of the API answer 404 for an
empty list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

MAX_UNREADABLE_SUBJECTS = 2
"""After so many subjects whose list has neither name, the list is not requested again in this run."""


class NotFound(Enum):
    """What a 404 for a list means."""

    AGAIN = "again"
    """Request the list under the other name."""
    EMPTY = "empty"
    """The list is empty."""
    UNREADABLE = "unreadable"
    """The list is not empty, and neither name serves it."""


def missed_topic(key: str) -> str:
    """Topic under which a name that was answered 404 is stored, for runs that end before they know more."""
    return f"{key} missed"


@dataclass
class _List:
    names: tuple[str, str]
    known: str | None
    before: str | None = None
    """The name that was known until it was answered 404."""
    retested: bool = False
    """Whether the known name was tested again, which is done once in a run."""
    misses: set[str] = field(default_factory=set)
    """Names that were answered 404."""
    failed: int = 0
    """Subjects whose list has neither name."""


class ApiNames:
    """The names of one origin's lists; a list is a key such as ``thing/copies``.

    Lists of one name under different subjects probably have the same API name, so that is tried first.
    """

    def __init__(
        self, names: Mapping[str, tuple[str, str]], known: Mapping[str, str], alive: Callable[[int], bool]
    ) -> None:
        """``known`` holds names by list, and by ``missed_topic(list)`` a name that was answered 404.

        ``alive`` says whether a request, by its number, is still in flight.
        """
        self._lists = {
            key: _List(pair, known.get(key) if known.get(key) in pair else None)
            for key, pair in names.items()
        }
        for key, each in self._lists.items():
            each.misses.add(known.get(missed_topic(key), ""))
        self._alive = alive
        self._testing: dict[str, int] = {}
        """First name -> number of the request that tests it."""
        self._tried: defaultdict[int, set[str]] = defaultdict(set)
        """Number of a request -> names under which it was answered 404."""

    @property
    def known(self) -> dict[str, str]:
        """List -> its name, where that is known."""
        return {key: each.known for key, each in self._lists.items() if each.known}

    def name_for(self, key: str, number: int) -> str | None:
        """The name that a request should use; ``None``: it must wait for another one's response."""
        each = self._lists[key]
        if each.known is not None:
            return each.known
        group = each.names[0]
        testing = self._testing.get(group)
        if testing is not None and testing != number and self._alive(testing):
            return None
        self._testing[group] = number
        alike = [other.known for other in self._lists.values() if other.names == each.names and other.known]
        order = [*alike, *each.names]
        return min(
            order, key=lambda name: (name in self._tried[number], name in each.misses, order.index(name))
        )

    def is_closed(self, key: str) -> bool:
        """Whether the list is not to be requested again in this run."""
        each = self._lists[key]
        return each.known is None and each.failed >= MAX_UNREADABLE_SUBJECTS

    def answered(self, key: str, name: str) -> bool:
        """Note that a list was served under this name; returns whether that is new."""
        each = self._lists[key]
        self._testing.pop(each.names[0], None)
        if name not in each.names or each.known == name:
            return False
        news = name != each.before
        each.known, each.failed = name, 0
        return news

    def missed(self, key: str, name: str, number: int, stated: int | None) -> NotFound:
        """Note a 404 under this name; ``stated`` is the length of the list as its subject states it."""
        each = self._lists[key]
        other = each.names[1] if name == each.names[0] else each.names[0]
        each.misses.add(name)
        tried = self._tried[number]
        tried.add(name)
        if self._testing.get(each.names[0]) == number:
            del self._testing[each.names[0]]
        if each.known is not None and each.known not in tried:
            return NotFound.AGAIN  # it was sent before the name was learned
        if each.known is not None:
            return self._retest(each, other in tried, stated)
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
    def _retest(each: _List, tried: bool, stated: int | None) -> NotFound:
        """A 404 for the known name: perhaps it has changed, which is tested once in a run."""
        if not stated:
            return NotFound.EMPTY
        if each.retested or tried:
            return NotFound.UNREADABLE
        each.retested = True
        each.before, each.known = each.known, None
        return NotFound.AGAIN
