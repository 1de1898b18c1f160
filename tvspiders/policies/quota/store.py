"""Where the state of each token's window is kept: here in memory, elsewhere in the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

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
