"""What a token may ask: ``TV_QUOTA`` as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONG = 12
"""Both limits are documented in the wild: 300 in five minutes, and 300 in an hour, twelve times as long."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_TEXT = re.compile(r"\s*(\d{1,9})\s*/\s*(\d{0,6}(?:\.\d{1,3})?)\s*([smhd])\s*", re.ASCII)


@dataclass(frozen=True)
class Quota:
    """At most ``limit`` requests in each window of ``period`` seconds, for each token.

    >>> str(parse_quota("300/5m"))
    '300/5m'
    """

    limit: int
    period: float

    def __str__(self) -> str:
        for unit, seconds in reversed(_UNITS.items()):
            if self.period % seconds == 0:
                return f"{self.limit}/{int(self.period // seconds)}{unit}"
        return f"{self.limit}/{self.period:g}s"


def parse_quota(text: str) -> Quota:
    """Read ``N/period``, for example ``300/5m``, ``300/1h``, ``30/3s`` or ``300/h``.

    Raises:
        ValueError: in one line that says what is accepted.

    """
    found = _TEXT.fullmatch(text)
    if found:
        limit, period = int(found[1]), float(found[2] or 1) * _UNITS[found[3]]
        if limit >= 1 and 0.1 <= period <= 86_400:
            return Quota(limit, period)
    raise ValueError(
        f"quota {text[:40]!r} is not understood; write requests/period, for example 300/5m, 300/1h or 30/3s "
        "(at least 1 request, period from 0.1s to 1d)"
    )
