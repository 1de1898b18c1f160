"""Send nothing with any token after a block, and little in an outage."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tvspiders.policies.quota.waiting import Grant

SLOWDOWN_FACTOR = 10
"""In an outage the time between two requests grows by this factor."""


class CircuitBreaker:
    """Slows requests down tenfold while most responses fail; ends on two successes in a row.

    The rate before the outage is measured, since a crawl may be slower than its quota.

    >>> breaker = CircuitBreaker()
    >>> for second in range(10):
    ...     breaker.sent(second); _ = breaker.failed()
    >>> breaker.open, breaker.not_before()
    (True, 19.0)
    """

    def __init__(
        self, sample: int = 20, share: float = 0.5, in_a_row: int = 8, longest: float = 60.0
    ) -> None:
        self.open = False
        self._outcomes: deque[bool] = deque(maxlen=sample)
        self._sent: deque[float] = deque(maxlen=sample)
        self._share = share
        self._in_a_row = in_a_row
        self._longest = longest
        self._last = 0.0
        self._spacing = 0.0
        self._failures = 0
        self._successes = 0

    def sent(self, now: float) -> None:
        """Note that a request was sent."""
        if not self.open:
            self._sent.append(now)
        self._last = now

    def forget_pace(self) -> None:
        """Forget the measured rate: the process was suspended."""
        self._sent.clear()

    def not_before(self) -> float:
        """Earliest moment of the next request."""
        return self._last + self._spacing if self.open else 0.0

    def succeeded(self) -> bool:
        """Note a response of the API; returns whether that closed the breaker."""
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
        """Note a 5xx, a reset, a timeout or an unreadable response; returns whether that opened the breaker.

        ``usual`` is the time between two requests at full quota, in seconds.
        """
        self._outcomes.append(False)
        self._failures += 1
        self._successes = 0
        if self.open or not self._is_outage():
            return False
        self.open = True
        self._spacing = min(self._longest, SLOWDOWN_FACTOR * max(usual, self._usual()))
        return True

    def _is_outage(self) -> bool:
        if self._failures >= self._in_a_row:
            return True
        full = len(self._outcomes) == self._outcomes.maxlen
        return full and self._outcomes.count(False) >= self._share * len(self._outcomes)

    def _usual(self) -> float:
        """Seconds between two requests before the outage."""
        if len(self._sent) < 2:
            return 1.0
        return max(0.01, (self._sent[-1] - self._sent[0]) / (len(self._sent) - 1))


GRANT_GRACE_SECONDS = 1.0
"""After its grant a request may not be known as in flight for so long."""


class Pause:
    """A pause after a block, the single probe that ends it, and the slow pace of an outage.

    >>> pause = Pause(CircuitBreaker())
    >>> pause.begin(now=100.0, seconds=60.0)
    >>> pause.until(now=101.0), pause.until(now=161.0)
    (160.0, 160.0)
    """

    def __init__(
        self, breaker: CircuitBreaker, in_flight: Callable[[Grant], bool] = lambda grant: True
    ) -> None:
        """``in_flight`` says whether the request of a grant may still get a response."""
        self.breaker = breaker
        self._in_flight = in_flight
        self._paused_until = 0.0
        self._probing = False
        self._probe: Grant | None = None

    def begin(self, now: float, seconds: float) -> None:
        """Send nothing for a while, and then one request at a time until one succeeds."""
        self._paused_until = max(self._paused_until, now + seconds)
        self._probing = True

    def until(self, now: float) -> float | None:
        """Moment before which nothing may be sent; ``None`` while a probe is in flight."""
        held = max(self._paused_until, self.breaker.not_before())
        return None if held <= now and self._awaits_probe(now) else held

    def sent(self, now: float, grant: Grant) -> None:
        """Note that a request was sent."""
        self._probe = grant if self._probing else None
        self.breaker.sent(now)

    def awaits(self, grant: Grant) -> bool:
        """Whether this is the probe."""
        return grant is self._probe

    def _awaits_probe(self, now: float) -> bool:
        """Whether the probe may still get a response; one that was dropped would be awaited for ever."""
        probe = self._probe
        if not self._probing or probe is None or probe.finished:
            return False
        return now - probe.granted_at < GRANT_GRACE_SECONDS or self._in_flight(probe)

    def succeeded(self) -> bool:
        """Note a response of the API; returns whether that ended an outage."""
        self._probing = False
        return self.breaker.succeeded()


MAX_PAUSE_SECONDS = 3600.0


class BlockBackoff:
    """Pauses after blocks: each twice as long; after ``most`` of them in a row the crawl should end.

    >>> backoff = BlockBackoff(first=60, most=2)
    >>> [backoff.blocked(now) for now in (0.0, 1.0, 61.0, 200.0)]
    [(60, False), (0.0, False), (120, False), (0.0, True)]
    """

    def __init__(self, first: float, most: int) -> None:
        self._first = first
        self._most = most
        self._in_a_row = 0
        self._until = 0.0

    def blocked(self, now: float) -> tuple[float, bool]:
        """Note a block; returns the seconds to pause (0 while a pause runs already) and whether to end."""
        if self._in_a_row and now < self._until:
            return 0.0, False
        if self._in_a_row >= self._most:
            return 0.0, True
        pause = min(MAX_PAUSE_SECONDS, self._first * 2**self._in_a_row)
        self._in_a_row += 1
        self._until = now + pause
        return pause, False

    def answered(self) -> None:
        """Note a response of the API: the next block is the first again."""
        self._in_a_row = 0
