"""The right to send one request."""

from __future__ import annotations

from dataclasses import dataclass

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
