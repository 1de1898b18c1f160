"""When nothing may be asked at all, with whatever token: after a block, and in an outage."""

from __future__ import annotations

from collections.abc import Callable

from tvspiders.policies.quota.circuit_breaker import CircuitBreaker
from tvspiders.policies.quota.grant import Grant

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
