"""Find out which workers are dead, whatever is done to the clocks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

STEP = 2.0
"""Seconds by which the server's clock and ours may part from one look to the next."""


class LeaseWatch:
    """Who let their leases run out; looked at when there is nothing else to ask.

    A living worker prolongs its leases four times in the life of one. So a worker that did not for a whole
    life, counted here, is dead, also when the server's clock was set back and the lease seems to last.
    And after that clock was set forward, or we slept, a lease that seems to be over proves nothing before
    everybody had the time to prolong theirs.

    >>> watch = LeaseWatch(life=60, clock=iter([0.0, 30.0, 61.0]).__next__)
    >>> [watch.dead(5000.0 + second, {"a": 9000.0, "b": 5060.0}) for second in (0, 30, 61)]
    [[], [], ['a', 'b']]
    """

    def __init__(self, life: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._life = life
        self._clock = clock
        self._seen: dict[str, tuple[float, float]] = {}
        self._offset: float | None = None
        self._trusted_from = float("-inf")

    def dead(self, server_now: float, held: Mapping[str, float]) -> list[str]:
        """Workers to take the leases from; ``held`` says until when each one's last."""
        now = self._clock()
        offset = server_now - now
        if self._offset is not None and abs(offset - self._offset) > STEP:
            self._trusted_from = now + self._life
        self._offset = offset
        self._seen = {
            worker: known if (known := self._seen.get(worker)) and known[0] == until else (until, now)
            for worker, until in held.items()
        }
        over = now >= self._trusted_from
        return [
            worker
            for worker, (until, since) in self._seen.items()
            if (over and until < server_now) or now - since > self._life
        ]
