"""Lengths of time as people write them: ``30s``, ``5m``, ``12h``, ``7d``, ``2w``."""

from __future__ import annotations

import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Seconds of each unit."""
ACCEPTED = "a number with m, h, d or w is accepted, such as 12h or 1d"
_PERIOD = re.compile(r"([0-9]{1,6})([mhdw])")


def read_period(text: str) -> int:
    """Seconds of a whole number with ``m``, ``h``, ``d`` or ``w``.

    Raises ``ValueError`` for anything else, and for none at all.

    >>> read_period("12h")
    43200
    """
    found = _PERIOD.fullmatch(text.strip())
    seconds = int(found[1]) * SECONDS[found[2]] if found else 0
    if not seconds:
        raise ValueError(f"{text[:40]!r} is not accepted; {ACCEPTED}")
    return seconds


def period_text(seconds: float) -> str:
    """The shortest whole number of days, hours, minutes or seconds.

    >>> period_text(300), period_text(5400), period_text(0.5)
    ('5m', '90m', '0.5s')
    """
    for unit in ("d", "h", "m"):
        if seconds >= SECONDS[unit] and seconds % SECONDS[unit] == 0:
            return f"{seconds / SECONDS[unit]:.0f}{unit}"
    return f"{seconds:g}s"
