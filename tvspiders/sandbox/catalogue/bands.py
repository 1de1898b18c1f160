"""Distribute counts over ranks, and pair users with things.

A count that falls with the rank is cut into bands of equal count. Within a band
the running total is a multiplication, so "the makes of the 40,000th thing" and
"whose make is number 912" are both answered without a table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from tvspiders.sandbox.catalogue.mixing import Shuffle, Source


class Bands:
    """Slots handed out to ranks 0, 1, 2 ... in order.

    >>> bands = Bands(lambda rank: 10.0 / (rank + 1), ranks=5)
    >>> bands.slots(1), bands.owner(12)
    (range(10, 15), (1, 2))
    """

    def __init__(self, count: Callable[[int], float], *, ranks: int, limit: int | None = None) -> None:
        """Cut ``count(rank)`` into bands.

        Ends after ``ranks``, at the first count under one, or when ``limit``
        slots are handed out.
        """
        self._first_rank: list[int] = []
        self._first_slot: list[int] = []
        self._each: list[int] = []
        rank = slot = 0
        while rank < ranks and (limit is None or slot < limit):
            each = int(count(rank))
            if each < 1:
                break
            width = min(1 + rank // 8, ranks - rank)
            if limit is not None:
                width = min(width, -(-(limit - slot) // each))
            self._first_rank.append(rank)
            self._first_slot.append(slot)
            self._each.append(each)
            rank += width
            slot += width * each
        self.ranks = rank
        self.total = slot

    def count(self, rank: int) -> int:
        """Slots of a rank; 0 past the last one."""
        if rank >= self.ranks:
            return 0
        return self._each[bisect_right(self._first_rank, rank) - 1]

    def slots(self, rank: int) -> range:
        """The slots of a rank."""
        if rank >= self.ranks:
            return range(0)
        band = bisect_right(self._first_rank, rank) - 1
        each = self._each[band]
        start = self._first_slot[band] + (rank - self._first_rank[band]) * each
        return range(start, start + each)

    def owner(self, slot: int) -> tuple[int, int]:
        """The rank that holds a slot, and the slot's place within it."""
        band = bisect_right(self._first_slot, slot) - 1
        ranks, place = divmod(slot - self._first_slot[band], self._each[band])
        return self._first_rank[band] + ranks, place


class Pairs:
    """Who is paired with whom, readable from either side.

    Each slot of the left side is also, shuffled, a slot of the right side: a
    like has a thing and a user, a make a thing and a maker, a follow two users.
    """

    def __init__(self, left: Bands, right: Bands, source: Source) -> None:
        self.left = left
        self.right = right
        self._order = Shuffle(max(1, left.total), source)

    def right_of(self, slot: int) -> int:
        """The right-hand rank of a slot."""
        return self.right.owner(self._order.at(slot))[0]

    def slots_of_right(self, rank: int) -> list[int]:
        """The slots of a right-hand rank."""
        total = self.left.total
        return [self._order.index(place) for place in self.right.slots(rank) if place < total]


def fitted(top: float, *, total: int, ranks: int) -> Bands:
    """Bands for ``total`` slots that fall as steeply as needed to use about all ranks."""

    def falling(power: float) -> Callable[[int], float]:
        return lambda rank: max(1.0, top * (rank + 1) ** -power)

    low, high = 0.0, 3.0
    for _ in range(24):
        middle = (low + high) / 2
        used = Bands(falling(middle), ranks=ranks, limit=total).ranks
        low, high = (middle, high) if used < ranks else (low, middle)
    return Bands(falling(low), ranks=2 * total + 1, limit=total)
