"""How many requests a round may ask beyond the least, and why one is asked.

The least is what a faultless site would be asked. All reasons share one cap, so that no doubt, however
well founded, turns a crawl into a flood.
"""

from __future__ import annotations

REASONS = ("second-look", "age", "member", "dialect", "category", "proof")
"""Why a request is asked beyond the least: a page of a list looked at twice; an answer older than what is
stored; whether a list's row belongs to it; how the site spells a question; what a category holds; whether
something is really missing."""
SHARE = 0.1
"""Extra requests at most, as a share of a round."""
FLOOR = 12
"""So many are allowed however short the round is."""


def allowance(least: int, granted: int) -> int:
    """How many more extra requests a round may ask.

    ``least`` counts its other requests, ``granted`` the extra ones that are asked already or queued.

    >>> allowance(least=40, granted=10)
    2
    >>> allowance(least=1240, granted=10)
    127
    """
    # a tenth of the whole, the extra ones included
    return max(0, max(FLOOR, int(least * SHARE / (1 - SHARE))) - granted)
