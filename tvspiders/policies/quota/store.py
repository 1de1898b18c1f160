"""Where the state of each token's window is kept: here in memory, elsewhere in the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from tvspiders.errors import TvspidersError
from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.window import QuotaWindow
from tvspiders.policies.security.tokens import Token

T = TypeVar("T")


class StoreBusy(TvspidersError):
    """The shared state cannot be reached now (locked, restarting); nothing may be sent until it can."""


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
        """Number that grows when slots reserved earlier became void. Raises ``StoreBusy``."""


class MemoryStore:
    """The state of one process, for a quota that nobody shares."""

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


STEP = 2.0
"""Seconds by which the database's time and ours may part from one change to the next."""


class RowClock:
    """Counts how long ago a row was changed last; its time is that of the change and so much more.

    A process on the same run of the same computer reads that from the clock that is never set. Others
    go by the database's time, unless it went otherwise than their own clock since their last change.

    >>> clock = RowClock(boot="b")
    >>> stored = clock.stamp("token", now=1000.0, shared=1000.0, steady=10.0)
    >>> clock.now("token", stored, shared=4605.0, steady=15.0)
    1005.0
    """

    def __init__(self, boot: str) -> None:
        """``boot`` names the run of the computer whose steady clock is read; empty where it has no name."""
        self._boot = boot
        self._offsets: dict[str, float] = {}

    def now(self, row: str, stored: Mapping[str, Any] | None, shared: float, steady: float) -> float:
        """The row's time, from what its last change left, the database's time and the steady clock."""
        if stored is None:
            return shared
        at, passed = float(stored["at"]), steady - float(stored["steady"])
        if self._boot and stored["boot"] == self._boot and passed >= 0:
            return at + passed
        told = at + shared - float(stored["shared"])
        expected = steady + self._offsets.get(row, told - steady)
        return max(at, told if abs(told - expected) <= STEP else expected)

    def stamp(self, row: str, now: float, shared: float, steady: float) -> dict[str, Any]:
        """What a change at this time leaves for the next."""
        self._offsets[row] = now - steady
        return {"at": now, "shared": shared, "steady": steady, "boot": self._boot}
