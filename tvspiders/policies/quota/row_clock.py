"""The time of a quota's row, which goes on evenly whatever is done to the clocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
