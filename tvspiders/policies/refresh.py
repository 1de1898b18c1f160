"""Choose the stored things most worth a request: those expected to have gained most since their last one."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

DAY = 86_400.0
"""Seconds."""
WINDOW_DAYS = 90.0
"""Older history says nothing about today's rate."""
OWN_WEIGHT_DAYS = 7.0
"""From so many days of history on a thing's own rate weighs more than that of similar things."""
CLASS_WEIGHT_DAYS = 30.0
"""From so many days of history of similar things on their rate weighs more than lifetime averages."""
DECAY = 0.5
"""Today's rate as a share of a lifetime's average: downloads fall off roughly with the square root of age."""
MIN_AGE_DAYS = 30.0
"""A thing counts as at least so old: a first day is no lifetime."""
MIN_RATE = 0.01
"""Downloads a day of a thing without any, so that age alone makes it due in the end."""


class ThingHistory(Protocol):
    """What is stored of a thing; moments in seconds since 1970."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def asked(self) -> float | None:
        """When its own page was last received; ``None`` if never."""

    @property
    def first_seen(self) -> float | None:
        """When it was first in any response."""

    @property
    def added(self) -> float | None:
        """When it was published."""

    @property
    def downloads(self) -> int | None:
        """Downloads as of its own page."""

    @property
    def since(self) -> float | None:
        """Moment of the first snapshot with downloads within the window; ``None`` without one."""

    @property
    def downloads_then(self) -> int | None:
        """Downloads at that moment."""

    @property
    def moved(self) -> bool:
        """Whether a list has shown other counts or names since its own page was requested."""


@dataclass(frozen=True)
class Choice:
    """A thing to request."""

    thing_id: int
    why: str
    """``watched``, ``moved`` or ``gain``."""
    gain: float
    """Downloads that it is expected to have gained since its last response."""


class RefreshPolicy:
    """Ranks things by expected gain: the rate of downloads times the time since the last response.

    The rate is its own history's, shrunk towards the mean rate of stored
    things of its size, and that in turn towards the average of its lifetime:
    a short history says little. A thing whose downloads are unknown counts as
    an average one. The clock gives seconds since 1970.

    Watched things go first, the longest waiting before the others; then things
    that have changed in a list since; then the rest.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.now = clock()
        self.window = self.now - WINDOW_DAYS * DAY
        """From here on history counts."""
        self._gains: dict[int, float] = {}
        self._days: dict[int, float] = {}
        self._gain_of_all = self._days_of_all = 0.0

    def learn(self, known: Iterable[ThingHistory]) -> None:
        """Learn the rates of things by their size: the first of two passes over all of them."""
        for thing in known:
            gain, days = self._history(thing)
            if days > 0:
                size = _size(thing)
                self._gains[size] = self._gains.get(size, 0.0) + gain
                self._days[size] = self._days.get(size, 0.0) + days
                self._gain_of_all += gain
                self._days_of_all += days

    def rate(self, thing: ThingHistory) -> float:
        """Downloads a day at present."""
        gain, days = self._history(thing)
        return (gain + OWN_WEIGHT_DAYS * self._prior(thing)) / (days + OWN_WEIGHT_DAYS)

    def expected_gain(self, thing: ThingHistory) -> float:
        """Downloads since the last response; for a thing never requested, since it was first seen."""
        last = thing.asked if thing.asked is not None else thing.first_seen
        return self.rate(thing) * max(0.0, self.now - (self.window if last is None else last)) / DAY

    def choose(
        self,
        known: Iterable[ThingHistory],
        limit: int | None,
        watched: Sequence[int] = (),
        older_than: float | None = None,
    ) -> list[Choice]:
        """The things to request, best first; ``older_than`` (seconds) applies to those not watched.

        Watched things that are not stored are requested, too. Memory does not grow with ``known``
        where there is a limit.
        """
        wanted = dict.fromkeys(watched)
        waiting: dict[int, tuple[float, float]] = {}

        def others() -> Iterator[tuple[bool, float, int]]:
            for thing in known:
                gain = self.expected_gain(thing)
                if thing.id in wanted:
                    waiting[thing.id] = (-math.inf if thing.asked is None else thing.asked, gain)
                elif older_than is None or thing.asked is None or self.now - thing.asked >= older_than:
                    yield thing.moved, gain, -thing.id

        best = sorted(others(), reverse=True) if limit is None else heapq.nlargest(limit, others())
        first = sorted(wanted, key=lambda number: waiting.get(number, (-math.inf, 0.0))[0])
        chosen = [Choice(number, "watched", waiting.get(number, (0.0, 0.0))[1]) for number in first]
        chosen += [Choice(-number, "moved" if moved else "gain", gain) for moved, gain, number in best]
        return chosen[:limit]

    def _history(self, thing: ThingHistory) -> tuple[float, float]:
        """Gain and length in days of what was observed within the window."""
        if thing.asked is None or thing.downloads is None:
            return 0.0, 0.0
        if thing.since is None or thing.downloads_then is None:
            # Every snapshot is older: its page was requested since, and nothing had changed.
            return 0.0, max(0.0, thing.asked - self.window) / DAY
        return float(max(0, thing.downloads - thing.downloads_then)), max(
            0.0, thing.asked - thing.since
        ) / DAY

    def _prior(self, thing: ThingHistory) -> float:
        if thing.downloads is None:
            # Its size is unknown: it counts as an average thing, not as one without downloads.
            return (self._gain_of_all + CLASS_WEIGHT_DAYS * MIN_RATE) / (
                self._days_of_all + CLASS_WEIGHT_DAYS
            )
        size = _size(thing)
        days = self._days.get(size, 0.0)
        own = MIN_RATE + DECAY * thing.downloads / max(MIN_AGE_DAYS, self._age(thing))
        return (self._gains.get(size, 0.0) + CLASS_WEIGHT_DAYS * own) / (days + CLASS_WEIGHT_DAYS)

    def _age(self, thing: ThingHistory) -> float:
        """Days since it was published; ten years where that is unknown."""
        return 3650.0 if thing.added is None else (self.now - thing.added) / DAY


def _size(thing: ThingHistory) -> int:
    """Things whose downloads have the same power of two are of one size."""
    return (thing.downloads or 0).bit_length()
