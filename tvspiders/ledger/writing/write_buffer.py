"""Write buffer: finished units and start requests that are not committed yet."""

from __future__ import annotations

from collections import deque

from tvspiders.storage.units import NewRequest, Unit

MAX_ITEMS = 100
"""Items in one transaction; a unit is never split."""
MAX_SEEDS = 1000
"""Start requests in one transaction."""

Seed = tuple[int | None, NewRequest]
"""A request to queue, with the number of the one that it came from (start requests: ``None``)."""


class WriteBuffer:
    """Collects for the next transaction while one runs; a crash costs what is in here."""

    def __init__(self) -> None:
        self.units: deque[Unit] = deque()
        """Finished, in the order of finishing."""
        self.seeds: deque[Seed] = deque()
        self.writing = 0
        """Units and seeds in the transaction that runs now."""

    @property
    def answers(self) -> int:
        """Finished units that a crash would forget (seeds count while they are written)."""
        return len(self.units) + self.writing

    @property
    def anything(self) -> bool:
        """Whether anything waits or is being written."""
        return bool(self.units or self.seeds or self.writing)

    def next_batch(self) -> tuple[list[Unit], list[Seed]]:
        """Take out what the next transaction writes."""
        units: list[Unit] = []
        size = 0
        while self.units and (not units or size + len(self.units[0].items) <= MAX_ITEMS):
            units.append(self.units.popleft())
            size += max(1, len(units[-1].items))
        return units, [self.seeds.popleft() for _ in range(min(len(self.seeds), MAX_SEEDS))]

    def put_back(self, units: list[Unit], seeds: list[Seed]) -> None:
        """Nothing of a batch is on disk: it is still owed, and first."""
        self.units.extendleft(reversed(units))
        self.seeds.extendleft(reversed(seeds))
