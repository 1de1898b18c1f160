"""What a token may ask: ``TV_QUOTA`` as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tvspiders.periods import SECONDS, period_text

LONG = 12
"""Both limits are documented in the wild: 300 in five minutes, and 300 in an hour, twelve times as long."""

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
        return f"{self.limit}/{period_text(self.period)}"


def parse_quota(text: str) -> Quota:
    """Read ``N/period``, for example ``300/5m``, ``300/1h``, ``30/3s`` or ``300/h``.

    Raises:
        ValueError: in one line that says what is accepted.

    """
    found = _TEXT.fullmatch(text)
    if found:
        limit, period = int(found[1]), float(found[2] or 1) * SECONDS[found[3]]
        if limit >= 1 and 0.1 <= period <= 86_400:
            return Quota(limit, period)
    raise ValueError(
        f"quota {text[:40]!r} is not understood; write requests/period, for example 300/5m, 300/1h or 30/3s "
        "(at least 1 request, period from 0.1s to 1d)"
    )
