"""Where a token's fixed windows end: learned from responses; until then the latest possible end."""

from __future__ import annotations

from dataclasses import dataclass

MAX_UNCERTAINTY_SHARE = 0.1
"""A boundary that is known to this share of the period is used."""


@dataclass
class WindowBoundaries:
    """Bounds of the boundaries between windows, from 429s and the successes after them.

    A 429 at ``t1`` and a success at ``t2`` prove a boundary between them. If the
    windows form a fixed grid, all such spans agree modulo the period, and each
    narrows the others. If they do not agree, each window begins with its first
    request, and the first success after a wait gives the next end.

    >>> grid = WindowBoundaries(period=300)
    >>> grid.end(after=1000.0)
    1300.0
    >>> grid.add_end(1170.0)
    >>> grid.end(after=1000.0)
    1171.0
    """

    period: float
    low: float | None = None
    """Earliest moment of some boundary."""
    high: float | None = None
    """Latest moment of the same boundary."""
    moving: bool = False
    """Whether a fixed grid was disproved."""
    opened: float | None = None
    """First success after the last wait."""

    def add_end(self, boundary: float) -> None:
        """Take a window's end that the API named (in whole seconds, so up to one late)."""
        self._narrow(boundary, boundary + min(1.0, self.period / 10))

    def served(self, refused: float, served: float) -> None:
        """Take the last 429 and the first success after it, as the moments when they arrived."""
        self.opened = served
        if served - refused < self.period:
            self._narrow(refused, served)

    def end(self, after: float) -> float:
        """Moment at which the window that was full at ``after`` is certainly over."""
        latest = after + self.period
        if self.moving and self.opened is not None and 0 <= after - self.opened < self.period:
            return self.opened + self.period
        if self.moving or self.low is None or self.high is None:
            return latest
        if self.high - self.low > MAX_UNCERTAINTY_SHARE * self.period:
            return latest
        # inside the uncertain span the boundary may be past already, so the next one counts
        cycles = (after - self.low) // self.period + 1
        return min(self.high + cycles * self.period, latest)

    def reset(self, period: float) -> None:
        """Start again with another period."""
        self.period, self.low, self.high, self.moving, self.opened = period, None, None, False, None

    def _narrow(self, low: float, high: float) -> None:
        if self.low is None or self.high is None:
            self.low, self.high = low, high
            return
        # shift the known span to the cycle of the new one and intersect; they are on one grid if they meet
        middle = (low + high) / 2
        cycles = round((middle - (self.low + self.high) / 2) / self.period)
        known_low, known_high = self.low + cycles * self.period, self.high + cycles * self.period
        slack = self.period / 100
        if max(low, known_low) > min(high, known_high) + slack:
            self.low, self.high, self.moving = low, high, True
            return
        self.low = max(low, known_low)
        self.high = max(self.low, min(high, known_high))


@dataclass
class LastRefusal:
    """The last 429, and what was served since. Moments are 0 without one."""

    refused_at: float = 0.0
    refused_sent: float = 0.0
    """When the refused request left."""
    reopened: float = 0.0
    """When the first request after it was served."""
    served: int = 0
    """Requests served since."""

    @property
    def is_probing(self) -> bool:
        """Whether nothing was served since."""
        return self.refused_at > 0 and not self.reopened

    def shift(self, seconds: float) -> None:
        """Move with the clock."""
        self.refused_at += seconds
        self.refused_sent += seconds
        self.reopened += seconds if self.reopened else 0.0
