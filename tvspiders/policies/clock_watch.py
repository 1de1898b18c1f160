"""Notice that the clock of the computer was set, and that the process was suspended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tvspiders.steady_clock import steady

MIN_STEP_SECONDS = 2.0
"""Least difference of the clock from one look to the next; less is an adjustment."""
MIN_SUSPENSION_SECONDS = 5.0
"""From so long without a look on the process counts as suspended."""


@dataclass(frozen=True)
class ClockChange:
    """What one look has found."""

    step: float = 0.0
    """Seconds by which the clock was set; less than 0 is back."""
    stood: float = 0.0
    """Seconds for which the process was suspended: asleep with its computer, or stopped."""

    def __bool__(self) -> bool:
        return bool(self.step or self.stood)


class ClockWatch:
    """Compares the wall clock, which may be set, with the monotonic clock, look by look.

    >>> watch = ClockWatch(wall=iter([1000.0, 4601.0]).__next__, steady=iter([5.0, 6.0]).__next__)
    >>> watch.start(); watch.look()
    ClockChange(step=3600.0, stood=0.0)
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = steady) -> None:
        self._wall = wall
        self._steady = steady
        self._last: tuple[float, float] | None = None
        self._changes: list[ClockChange] = []
        self._woke = -1e18

    def start(self) -> None:
        """Begin; from now on :meth:`look` is called each second."""
        self._last = (self._wall(), self._steady())

    def look(self) -> ClockChange:
        """The change since the last look."""
        if self._last is None:
            return ClockChange()
        (wall, now), self._last = self._last, (self._wall(), self._steady())
        passed, step = self._last[1] - now, self._last[0] - wall
        step -= passed
        change = ClockChange(
            step if abs(step) > MIN_STEP_SECONDS else 0.0, passed if passed > MIN_SUSPENSION_SECONDS else 0.0
        )
        if change.stood:
            self._woke = self._last[1]
        if change:
            self._changes.append(change)
        return change

    def slept_since(self, moment: float) -> bool:
        """Whether the process was suspended after this moment of the monotonic clock."""
        self.look()
        return moment < self._woke

    def changes(self) -> list[ClockChange]:
        """Look, and return the changes since the last call."""
        self.look()
        changes, self._changes = self._changes, []
        return changes
