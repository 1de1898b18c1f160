"""A log of when a token's latest requests reached the API, stored as small JSON."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise
from math import ceil


class SlidingLog:
    """Sorted moments, rounded up to ``grain`` seconds.

    Up, because a request that is assumed too late only delays the next one,
    while one assumed too early could break the limit.

    >>> log = SlidingLog(grain=0.5)
    >>> log.add(1.2); log.add(3.0)
    >>> log.latest(2), log.count_after(1.5)
    (1.5, 1)
    """

    def __init__(self, grain: float, deltas: Sequence[int] = ()) -> None:
        self.grain = grain
        self._ticks: list[int] = []
        total = 0
        for delta in deltas:
            total += delta
            self._ticks.append(total)

    def __len__(self) -> int:
        return len(self._ticks)

    def add(self, moment: float) -> None:
        """Add a request."""
        insort(self._ticks, self._tick(moment))

    def remove(self, moment: float) -> None:
        """Remove the request of this moment, if there is one."""
        tick = self._tick(moment)
        place = bisect_left(self._ticks, tick)
        if place < len(self._ticks) and self._ticks[place] == tick:
            del self._ticks[place]

    def latest(self, n: int) -> float | None:
        """Moment of the n-th latest request, ``None`` when there are fewer."""
        return self._ticks[-n] * self.grain if 0 < n <= len(self._ticks) else None

    def count_after(self, moment: float) -> int:
        """How many requests are later than this moment."""
        return len(self._ticks) - bisect_right(self._ticks, self._tick(moment))

    def drop_after(self, moment: float) -> None:
        """Remove what is later than this moment: reservations not yet used."""
        del self._ticks[bisect_right(self._ticks, self._tick(moment)) :]

    def drop_until(self, moment: float) -> None:
        """Remove what is not later than this moment."""
        del self._ticks[: bisect_right(self._ticks, self._tick(moment))]

    def keep(self, n: int) -> None:
        """Remove all but the ``n`` latest."""
        del self._ticks[: max(0, len(self._ticks) - n)]

    def shift(self, seconds: float) -> None:
        """Shift all moments after the clock was set."""
        ticks = round(seconds / self.grain)
        self._ticks = [tick + ticks for tick in self._ticks]

    def deltas(self) -> list[int]:
        """The log as JSON: the first tick, then the differences."""
        return [*self._ticks[:1], *(late - early for early, late in pairwise(self._ticks))]

    def _tick(self, moment: float) -> int:
        # the small tolerance keeps a moment that came out of this log on its own tick
        return ceil(moment / self.grain - 1e-3)
