"""When nothing may be asked at all, with whatever token: after a block, and in an outage."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tvspiders.policies.quota.waiting import Grant

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


JUST_GRANTED = 1.0
"""Seconds after its grant in which a request may not be known to be under way yet."""


class Pause:
    """A pause, the single request that ends it, and the slow pace of an outage.

    >>> silence = Silence(Breaker())
    >>> silence.pause(now=100.0, seconds=60.0)
    >>> silence.until(now=101.0), silence.until(now=161.0)
    (160.0, 160.0)
    """

    def __init__(
        self, breaker: CircuitBreaker, under_way: Callable[[Grant], bool] = lambda grant: True
    ) -> None:
        """``under_way`` tells whether the request of a grant may still be answered."""
        self.breaker = breaker
        self._under_way = under_way
        self._paused_until = 0.0
        self._probing = False
        self._probe: Grant | None = None

    def pause(self, now: float, seconds: float) -> None:
        """Ask nothing for a while, and then only one request at a time until one succeeds."""
        self._paused_until = max(self._paused_until, now + seconds)
        self._probing = True

    def until(self, now: float) -> float | None:
        """Moment before which nothing may be asked; ``None`` while the answer to a probe is awaited."""
        held = max(self._paused_until, self.breaker.not_before())
        return None if held <= now and self._awaits_probe(now) else held

    def sent(self, now: float, grant: Grant) -> None:
        """Note a request."""
        self._probe = grant if self._probing else None
        self.breaker.sent(now)

    def awaits(self, grant: Grant) -> bool:
        """Whether this is the probe."""
        return grant is self._probe

    def _awaits_probe(self, now: float) -> bool:
        """Whether a probe may still be answered; one dropped on its way would be awaited for ever."""
        probe = self._probe
        if not self._probing or probe is None or probe.settled:
            return False
        return now - probe.due < JUST_GRANTED or self._under_way(probe)

    def succeeded(self) -> bool:
        """Note an answer of the API itself; returns whether that ended an outage."""
        self._probing = False
        return self.breaker.succeeded()


LONGEST = 3600.0


class BlockBackoff:
    """Pauses that double; after ``most`` of them in a row the crawl should end.

    >>> blocks = Blocks(first=60, most=2)
    >>> blocks.met(now=0.0), blocks.met(now=1.0), blocks.met(now=61.0), blocks.met(now=200.0)
    ((60, False), (0.0, False), (120, False), (0.0, True))
    """

    def __init__(self, first: float, most: int) -> None:
        self._first = first
        self._most = most
        self._row = 0
        self._until = 0.0

    def met(self, now: float) -> tuple[float, bool]:
        """Note a block; returns the seconds to pause (0 while a pause runs already) and whether to end."""
        if self._row and now < self._until:
            return 0.0, False
        if self._row >= self._most:
            return 0.0, True
        pause = min(LONGEST, self._first * 2**self._row)
        self._row += 1
        self._until = now + pause
        return pause, False

    def over(self) -> None:
        """Note an answer of the API itself."""
        self._row = 0
