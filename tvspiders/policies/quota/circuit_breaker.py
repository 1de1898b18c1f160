"""Ask a tenth as often while the API is out of order."""

from __future__ import annotations

from collections import deque

CUT = 10
"""In an outage the time between two requests grows by this factor."""


class CircuitBreaker:
    """Opens when most of the latest answers failed, closes on two successes in a row.

    The rate before the outage is measured, because the quota alone does not
    tell it: a crawl may be slower than its quota.

    >>> breaker = Breaker()
    >>> for second in range(10):
    ...     breaker.sent(second); _ = breaker.failed()
    >>> breaker.open, breaker.not_before()
    (True, 19.0)
    """

    def __init__(self, sample: int = 20, share: float = 0.5, row: int = 8, longest: float = 60.0) -> None:
        self.open = False
        self._outcomes: deque[bool] = deque(maxlen=sample)
        self._sent: deque[float] = deque(maxlen=sample)
        self._share = share
        self._row = row
        self._longest = longest
        self._last = 0.0
        self._spacing = 0.0
        self._failures = 0
        self._successes = 0

    def sent(self, now: float) -> None:
        """Note a request."""
        if not self.open:
            self._sent.append(now)
        self._last = now

    def forget_pace(self) -> None:
        """The process stood still, which says nothing about the time between two requests."""
        self._sent.clear()

    def not_before(self) -> float:
        """Earliest moment of the next request."""
        return self._last + self._spacing if self.open else 0.0

    def succeeded(self) -> bool:
        """Note an answer that proves the API alive; returns whether that closed the breaker."""
        self._outcomes.append(True)
        self._failures = 0
        self._successes += 1
        if not self.open or self._successes < 2:
            return False
        self.open = False
        self._outcomes.clear()
        self._sent.clear()
        return True

    def failed(self, usual: float = 0.0) -> bool:
        """Note a 5xx, a reset, a timeout or an unreadable answer; returns whether that opened the breaker.

        ``usual`` is the time between two requests at full quota, in seconds.
        """
        self._outcomes.append(False)
        self._failures += 1
        self._successes = 0
        if self.open or not self._is_outage():
            return False
        self.open = True
        self._spacing = min(self._longest, CUT * max(usual, self._usual()))
        return True

    def _is_outage(self) -> bool:
        if self._failures >= self._row:
            return True
        full = len(self._outcomes) == self._outcomes.maxlen
        return full and self._outcomes.count(False) >= self._share * len(self._outcomes)

    def _usual(self) -> float:
        """Seconds between two requests before the outage."""
        if len(self._sent) < 2:
            return 1.0
        return max(0.01, (self._sent[-1] - self._sent[0]) / (len(self._sent) - 1))
