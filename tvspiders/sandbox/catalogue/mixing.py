"""Deterministic pseudorandom numbers.

The catalogue stores nothing: whatever it says about a thing is worked out again
from the seed and the id. `Source` gives the numbers, `Shuffle` gives an order in
which to lay out ids so that a range of places can be turned back into ids.
"""

from __future__ import annotations

from hashlib import blake2b

_MASK = 0xFFFF_FFFF_FFFF_FFFF


def mix(number: int) -> int:
    """Spread the bits of a number over 64 bits (the finaliser of splitmix64)."""
    number = (number + 0x9E37_79B9_7F4A_7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return number ^ (number >> 31)


def text_number(text: str) -> int:
    """64 bits from a text, the same in every process (``hash()`` is not)."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


class Source:
    """A well of numbers for one purpose.

    Two purposes never share numbers, so adding a new one leaves the rest of the
    catalogue as it was.

    >>> Source(1, "likes").number(7) == Source(1, "likes").number(7)
    True
    """

    __slots__ = ("_base",)

    def __init__(self, seed: int, purpose: str) -> None:
        self._base = mix(mix(seed & _MASK) ^ text_number(purpose))

    def number(self, *of: int) -> int:
        """64 bits for these integers."""
        value = self._base
        for part in of:
            value = mix(value ^ (part & _MASK))
        return value

    def share(self, *of: int) -> float:
        """A fraction, 0 <= share < 1."""
        return (self.number(*of) >> 11) / 9007199254740992.0


class Shuffle:
    """A seeded order of the numbers 0 to size - 1, in no memory.

    Multiplications by odd numbers and shifts can be undone on a power of two;
    a result outside the size is shuffled again until it falls inside.

    >>> order = Shuffle(1000, Source(1, "example"))
    >>> order.index(order.at(7))
    7
    """

    __slots__ = ("_a", "_add", "_b", "_mask", "_shift", "_undo_a", "_undo_b", "size")

    def __init__(self, size: int, source: Source) -> None:
        bits = max(1, (size - 1).bit_length())
        self.size = size
        self._mask = (1 << bits) - 1
        self._shift = (bits + 1) // 2
        self._a = source.number(1) & self._mask | 1
        self._b = source.number(2) & self._mask | 1
        self._add = source.number(3) & self._mask
        self._undo_a = pow(self._a, -1, 1 << bits)
        self._undo_b = pow(self._b, -1, 1 << bits)

    def at(self, place: int) -> int:
        """The number at a place."""
        mask, shift = self._mask, self._shift
        while True:
            place = (place * self._a + self._add) & mask
            place ^= place >> shift
            place = (place * self._b) & mask
            place ^= place >> shift
            if place < self.size:
                return place

    def index(self, number: int) -> int:
        """The place of a number."""
        mask, shift = self._mask, self._shift
        while True:
            number ^= number >> shift
            number = (number * self._undo_b) & mask
            number ^= number >> shift
            number = ((number - self._add) * self._undo_a) & mask
            if number < self.size:
                return number
