"""Growth by month, and how long it takes to double."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvspiders.extras.analytics.data.columns import Floats, Ints, Times, days_between

LONGEST_GAP = 31.0
"""Days between two snapshots whose gain still belongs to the month of the second."""


def month_numbers(moments: Times) -> Ints:
    """Months since January 1970; undefined for NaT."""
    return moments.astype("datetime64[M]").astype(np.int64)


def month_text(month: int) -> str:
    """A month's number as text.

    >>> month_text(682)
    '2026-11'
    """
    return str(np.datetime64(int(month), "M"))


def by_month(moments: Times, weights: Floats | None = None) -> tuple[int, Floats]:
    """The first month, and how much falls into it and each one after it."""
    known = ~np.isnat(moments)
    months = month_numbers(moments[known])
    if not len(months):
        return 0, np.empty(0)
    first = int(months.min())
    given = None if weights is None else weights[known]
    return first, np.bincount(months - first, weights=given).astype(np.float64)


def doubling_months(cumulative: Floats) -> float | None:
    """Months to double, by least squares on the logarithm of a running total.

    ln 2 divided by the slope of ln(total) over the month. ``None`` with fewer
    than three months, or where nothing grows.

    >>> doubling_months(np.array([1.0, 2, 4, 8]))
    1.0
    """
    total = cumulative[cumulative > 0]
    if len(total) < 3:
        return None
    slope = np.polyfit(np.arange(len(total)), np.log(total), 1)[0]
    return None if slope <= 1e-9 else round(math.log(2) / float(slope), 6)


@dataclass(frozen=True)
class MonthlyGains:
    """Gains between neighbouring snapshots, each with its thing and month."""

    row: Ints
    month: Ints
    gain: Floats
    left_out: int
    """Gains whose snapshots lie too far apart to know the month."""


def monthly_gains(rows: Ints, moments: Times, values: Floats) -> MonthlyGains:
    """Attribute gains to the month of the later snapshot where both are near enough."""
    same: NDArray[np.bool_] = rows[1:] == rows[:-1]
    near = same & (days_between(moments[:-1], moments[1:]) <= LONGEST_GAP)
    later = np.flatnonzero(near) + 1
    return MonthlyGains(
        rows[later],
        month_numbers(moments[later]),
        values[later] - values[later - 1],
        int((same & ~near).sum()),
    )
