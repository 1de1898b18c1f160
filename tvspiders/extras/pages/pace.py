"""Limit the pace: one operation at a time, with a pause between."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """When the next operation may begin: ``seconds`` after the previous began.

    >>> now = iter([0.0, 4.0, 30.0])
    >>> pace = Pace(10, lambda: next(now))
    >>> pace.begin(), pace.begin(), pace.begin()
    (0.0, 6.0, 0.0)
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next = float("-inf")

    def begin(self) -> float:
        """Reserve the next start; returns the seconds to wait for it."""
        now = self._clock()
        turn = max(now, self._next)
        self._next = turn + self._seconds
        return turn - now
