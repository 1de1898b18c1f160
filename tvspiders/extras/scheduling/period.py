"""How often a job is due: ``1d`` and its like, in windows that everybody counts the same way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
ACCEPTED = "accepted is a number with m, h, d or w, such as 12h or 1d"
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class Period:
    """Windows of one length, without gaps; those of whole days begin at midnight UTC, of weeks on Mondays.

    >>> Period.parse("1d").start(datetime(2026, 11, 21, 9, 30, tzinfo=UTC)).isoformat()
    '2026-11-21T00:00:00+00:00'
    """

    length: timedelta

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``30m``, ``12h``, ``1d`` or ``2w``; raises ``ValueError`` for anything else."""
        found = re.fullmatch(r"([0-9]{1,6})([mhdw])", text.strip())
        length = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else timedelta()
        if not timedelta() < length <= LONGEST:
            raise ValueError(f"{text!r} is not accepted; {ACCEPTED}")
        return cls(length)

    def start(self, moment: datetime) -> datetime:
        """Beginning of the window that a moment with zone lies in, in UTC."""
        passed = (moment.astimezone(UTC) - _MONDAY) // self.length
        return _MONDAY + passed * self.length


def label(moment: datetime) -> str:
    """A moment as part of a job's id.

    >>> label(datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC))
    '20261121T093005Z'
    """
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
