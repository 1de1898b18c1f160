"""Capped exponential backoff with jitter, before a failed request is sent again."""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Capped exponential delay with jitter: between half and all of ``base * 2 ** attempt``.

    >>> Backoff(base=2, cap=60, jitter=max).delay(3)
    16.0
    """

    def __init__(
        self, base: float = 2.0, cap: float = 300.0, jitter: Callable[[float, float], float] = random.uniform
    ) -> None:
        self.base = base
        self.cap = cap
        self._jitter = jitter

    def delay(self, attempts: int) -> float:
        """Seconds to wait after so many earlier failures (0 for the first)."""
        full = min(self.cap, self.base * 2.0 ** min(attempts, 30))
        return float(self._jitter(full / 2, full))
