"""Notice that the computer's clock was set, and that the process stood still."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tvspiders.steady_clock import steady

STEP = 2.0
"""Seconds by which the clock must differ from one look to the next; less is an adjustment."""
STILL = 5.0
"""Seconds without a look from which the process counts as having stood still."""


@dataclass(frozen=True)
class Seen:
    """What a look has shown."""

    step: float = 0.0
    """Seconds by which the clock was set; less than 0 is back."""
    stood: float = 0.0
    """Seconds for which the process stood still: asleep with its computer, or stopped."""

    def __bool__(self) -> bool:
        return bool(self.step or self.stood)


class ClockWatch:
    """Compares the clock that may be set with the one that never is, look by look.

    >>> watch = ClockWatch(wall=iter([1000.0, 4601.0]).__next__, steady=iter([5.0, 6.0]).__next__)
    >>> watch.start(); watch.look()
    Seen(step=3600.0, stood=0.0)
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = steady) -> None:
        self._wall = wall
        self._steady = steady
        self._last: tuple[float, float] | None = None
        self._news: list[Seen] = []
        self._woke = -1e18

    def start(self) -> None:
        """Begin to look; from now on somebody looks each second."""
        self._last = (self._wall(), self._steady())

    def look(self) -> Seen:
        """What came about since the last look."""
        if self._last is None:
            return Seen()
        (wall, now), self._last = self._last, (self._wall(), self._steady())
        passed, step = self._last[1] - now, self._last[0] - wall
        step -= passed
        seen = Seen(step if abs(step) > STEP else 0.0, passed if passed > STILL else 0.0)
        if seen.stood:
            self._woke = self._last[1]
        if seen:
            self._news.append(seen)
        return seen

    def slept_since(self, moment: float) -> bool:
        """Whether the process stood still after this moment (of the clock that is never set)."""
        self.look()
        return moment < self._woke

    def news(self) -> list[Seen]:
        """Look, and take what was seen since this was called last."""
        self.look()
        news, self._news = self._news, []
        return news
