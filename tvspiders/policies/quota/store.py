"""The store of quota windows: its interface, one in memory, and the clock of a stored row."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.window import QuotaWindow
from tvspiders.policies.security.tokens import Token

T = TypeVar("T")


class QuotaStore(Protocol):
    """Keeps one :class:`QuotaWindow` for each token and changes it atomically."""

    shared: bool
    """Whether other processes may change the state between two calls."""

    async def change(self, token: Token, change: Callable[[QuotaWindow, float], T]) -> tuple[T, float]:
        """Run ``change(window, now)`` alone on the token's window.

        Returns its result and the offset of the store's clock: add it to
        ``clock()`` for the store's time. Raises ``StoreBusy``.
        """

    async def epoch(self, token: Token) -> int:
        """Epoch of the token: grows when slots reserved earlier become void. Raises ``StoreBusy``."""


class MemoryStore:
    """Windows in memory, for a quota that no other process shares."""

    shared = False

    def __init__(
        self, quota: Quota, spread: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._quota = quota
        self._spread = spread
        self._clock = clock
        self._windows: dict[str, QuotaWindow] = {}

    async def change(self, token: Token, change: Callable[[QuotaWindow, float], T]) -> tuple[T, float]:
        """See :class:`QuotaStore`; never busy."""
        now = self._clock()
        window = self._windows.setdefault(token.fingerprint, QuotaWindow(self._quota, now, self._spread))
        return change(window, now), 0.0

    async def epoch(self, token: Token) -> int:
        """See :class:`QuotaStore`."""
        window = self._windows.get(token.fingerprint)
        return window.epoch if window else 0


MAX_DRIFT_SECONDS = 2.0
"""By how much the database's time and ours may differ more from one change to the next."""


class RowClock:
    """The time of a quota's row: that of its last change plus the time passed, whatever is done to clocks.

    On the same boot of the same computer the time passed is read from the monotonic clock. Others
    use the database's time, unless it differs from their own clock since their last change.

    >>> clock = RowClock(boot="b")
    >>> stored = clock.stamp("token", now=1000.0, shared=1000.0, steady=10.0)
    >>> clock.now("token", stored, shared=4605.0, steady=15.0)
    1005.0
    """

    def __init__(self, boot: str) -> None:
        """``boot`` identifies the boot of the computer whose monotonic clock is read; empty where unknown."""
        self._boot = boot
        self._offsets: dict[str, float] = {}

    def now(self, row: str, stored: Mapping[str, Any] | None, shared: float, steady: float) -> float:
        """The row's time, from what its last change stored, the database's time and the monotonic clock."""
        if stored is None:
            return shared
        at, passed = float(stored["at"]), steady - float(stored["steady"])
        if self._boot and stored["boot"] == self._boot and passed >= 0:
            return at + passed
        by_database = at + shared - float(stored["shared"])
        expected = steady + self._offsets.get(row, by_database - steady)
        return max(at, by_database if abs(by_database - expected) <= MAX_DRIFT_SECONDS else expected)

    def stamp(self, row: str, now: float, shared: float, steady: float) -> dict[str, Any]:
        """What a change at this time stores for the next."""
        self._offsets[row] = now - steady
        return {"at": now, "shared": shared, "steady": steady, "boot": self._boot}
