"""The line of requests that wait for a slot."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from tvspiders.errors import TvspidersError
from tvspiders.policies.quota.reservations import TokenReservations


@dataclass(eq=False)
class Grant:
    """The right to send one request now, with one token."""

    lane: TokenReservations
    slot: float
    """Reserved moment, on the store's clock."""
    due: float
    """When it was granted, on the local clock."""
    epoch: int
    """State of the token when it was granted; another one means that the slot became void."""
    departed: float | None = None
    """Local moment at which the request left."""
    settled: bool = False
    trial: bool = False
    """Whether it is to find out if a refused token is dead: then no other token will do."""

    @property
    def label(self) -> str:
        """Anonymous name of the token."""
        return self.lane.token.label

    def is_stale(self, now: float) -> bool:
        """Whether the slot became void, or the request waited too long after its grant."""
        if self.trial:
            return False
        void = self.lane.retired or self.lane.closing > 0 or self.epoch != self.lane.epoch
        return void or now - self.due > self.lane.grace


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
