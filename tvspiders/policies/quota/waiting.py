"""The line of requests that wait for a slot."""

from __future__ import annotations

import asyncio
from collections import deque

from tvspiders.errors import TvspidersError
from tvspiders.policies.quota.grant import Grant


class Stopped(TvspidersError):
    """The crawl is stopping (raised to whoever waits for a slot)."""


class NoTokens(TvspidersError):
    """Every token was refused by the API (raised to whoever waits for a slot)."""


class WaitingRequests:
    """First come, first served, but for those who had a slot and lost it."""

    def __init__(self) -> None:
        self._line: deque[tuple[float, asyncio.Future[Grant]]] = deque()

    def __len__(self) -> int:
        return len(self._line)

    def join(self, now: float, first: bool) -> asyncio.Future[Grant]:
        """Enter the line, at its head if ``first``."""
        future: asyncio.Future[Grant] = asyncio.get_running_loop().create_future()
        if first:
            self._line.appendleft((now, future))
        else:
            self._line.append((now, future))
        return future

    def drop_gone(self) -> None:
        """Forget those at the head who wait no more."""
        while self._line and self._line[0][1].done():
            self._line.popleft()

    def serve(self, grant: Grant) -> float | None:
        """Give the first who still waits the slot; returns since when, ``None`` when nobody does."""
        while self._line:
            asked, future = self._line.popleft()
            if not future.done():
                future.set_result(grant)
                return asked
        return None

    def fail(self, error: Exception) -> None:
        """End the wait of all."""
        line, self._line = self._line, deque()
        for _, future in line:
            if not future.done():
                future.set_exception(error)
