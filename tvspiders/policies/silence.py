"""When nothing may be asked at all, with whatever token: after a block, and in an outage."""

from __future__ import annotations

from tvspiders.policies.breaker import Breaker
from tvspiders.policies.grant import Grant


class Silence:
    """A pause, the single request that ends it, and the slow pace of an outage.

    >>> silence = Silence(Breaker())
    >>> silence.pause(now=100.0, seconds=60.0)
    >>> silence.until(now=101.0), silence.until(now=161.0)
    (160.0, 160.0)
    """

    def __init__(self, breaker: Breaker) -> None:
        self.breaker = breaker
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
        if held <= now and self._probing and self._probe is not None and not self._probe.settled:
            return None
        return held

    def sent(self, now: float, grant: Grant) -> None:
        """Note a request."""
        self._probe = grant if self._probing else None
        self.breaker.sent(now)

    def awaits(self, grant: Grant) -> bool:
        """Whether this is the probe."""
        return grant is self._probe

    def succeeded(self) -> bool:
        """Note an answer of the API itself; returns whether that ended an outage."""
        self._probing = False
        return self.breaker.succeeded()
