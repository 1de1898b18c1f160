"""The budget of extra requests: how many a round may send beyond the minimum, and for which reasons.

The minimum is what a faultless site would be sent. All reasons share one cap, so that none of them, however
well founded, floods the site.
"""

from __future__ import annotations

REASONS = ("second-look", "age", "member", "dialect", "category", "proof")
"""Why a request is sent beyond the minimum: a page of a list requested twice; a response older than what is
stored; whether a list's row belongs to it; which API name a list has; what a category holds; whether
something is really missing."""
MAX_SHARE = 0.1
"""Extra requests, as a share of a round."""
MIN_ALLOWED = 12
"""So many are allowed however short the round is."""


def allowance(least: int, granted: int) -> int:
    """How many more extra requests a round may send.

    ``least`` counts its other requests, ``granted`` the extra ones that were sent or are queued.

    >>> allowance(least=40, granted=10)
    2
    >>> allowance(least=1240, granted=10)
    127
    """
    # a tenth of the whole, the extra ones included
    return max(0, max(MIN_ALLOWED, int(least * MAX_SHARE / (1 - MAX_SHARE))) - granted)
