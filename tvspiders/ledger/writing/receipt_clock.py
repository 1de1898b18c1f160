"""Times of receipt that never go back, also when the computer's clock does."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class ReceiptClock:
    """Moments as ISO 8601 text in UTC with milliseconds, each later than the one before.

    An older answer never overwrites a newer one, so a clock that is set back
    by an hour must not make the next hour's answers look old.

    >>> clock = ReceiptClock(wall=lambda: 0.0)
    >>> clock.now(), clock.now()
    ('1970-01-01T00:00:00.000+00:00', '1970-01-01T00:00:00.001+00:00')
    """

    def __init__(self, floor: str | None = None, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._last = -1
        self.raise_to(floor)

    def raise_to(self, floor: str | None) -> None:
        """Give only moments that are later than this one from now on."""
        if floor:
            self._last = max(self._last, (datetime.fromisoformat(floor) - EPOCH) // MILLISECOND)

    def now(self) -> str:
        """The moment, at least one millisecond after the last."""
        self._last = max(int(self._wall() * 1000), self._last + 1)
        return (EPOCH + self._last * MILLISECOND).isoformat(timespec="milliseconds")
