"""Periods of jobs (``1d``), as windows that are equal on all computers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tvspiders.periods import ACCEPTED, read_period

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
        seconds = read_period(text)
        if seconds > LONGEST.total_seconds():
            raise ValueError(f"{text!r} is too long; {ACCEPTED}")
        return cls(timedelta(seconds=seconds))

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
