"""Requests that wait for a slot of a quota, and the grant that ends the wait."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from tvspiders.policies.quota.reservations import TokenReservations


@dataclass(eq=False)
class Grant:
    """The right to send one request now, with one token."""

    reservations: TokenReservations
    slot: float
    """Reserved moment, on the store's clock."""
    granted_at: float
    """On the local clock."""
    epoch: int
    """Epoch of the token when it was granted; a later one makes the slot void."""
    sent_at: float | None = None
    """When the request left, on the local clock."""
    finished: bool = False
    """Whether its outcome is recorded."""
    to_verify: bool = False
    """Whether it verifies a suspect token, which no other token can do."""

    @property
    def label(self) -> str:
        """Anonymous name of the token."""
        return self.reservations.token.label

    def is_stale(self, now: float) -> bool:
        """Whether the slot became void, or the request waited too long after its grant."""
        if self.to_verify:
            return False
        ours = self.reservations
        void = ours.retired or ours.refusals_being_stored > 0 or self.epoch != ours.epoch
        return void or now - self.granted_at > ours.grace


class WaitingRequests:
    """First come, first served; requests that had a slot and lost it go first."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, asyncio.Future[Grant]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, now: float, first: bool) -> asyncio.Future[Grant]:
        """Begin to wait, before all others if ``first``."""
        future: asyncio.Future[Grant] = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft((now, future))
        else:
            self._waiting.append((now, future))
        return future

    def drop_cancelled(self) -> None:
        """Drop cancelled requests from the head."""
        while self._waiting and self._waiting[0][1].done():
            self._waiting.popleft()

    def serve(self, grant: Grant) -> float | None:
        """Grant the slot to the first request; returns since when it waited, ``None`` if there is none."""
        while self._waiting:
            asked, future = self._waiting.popleft()
            if not future.done():
                future.set_result(grant)
                return asked
        return None

    def fail(self, error: Exception) -> None:
        """Raise this for every waiting request."""
        waiting, self._waiting = self._waiting, deque()
        for _, future in waiting:
            if not future.done():
                future.set_exception(error)
