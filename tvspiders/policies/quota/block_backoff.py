"""How long to keep silent after a block, and when to give up for today."""

from __future__ import annotations

LONGEST = 3600.0


class BlockBackoff:
    """Pauses that double; after ``most`` of them in a row the crawl should end.

    >>> blocks = Blocks(first=60, most=2)
    >>> blocks.met(now=0.0), blocks.met(now=1.0), blocks.met(now=61.0), blocks.met(now=200.0)
    ((60, False), (0.0, False), (120, False), (0.0, True))
    """

    def __init__(self, first: float, most: int) -> None:
        self._first = first
        self._most = most
        self._row = 0
        self._until = 0.0

    def met(self, now: float) -> tuple[float, bool]:
        """Note a block; returns the seconds to pause (0 while a pause runs already) and whether to end."""
        if self._row and now < self._until:
            return 0.0, False
        if self._row >= self._most:
            return 0.0, True
        pause = min(LONGEST, self._first * 2**self._row)
        self._row += 1
        self._until = now + pause
        return pause, False

    def over(self) -> None:
        """Note an answer of the API itself."""
        self._row = 0
