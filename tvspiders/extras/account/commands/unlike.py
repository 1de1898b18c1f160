"""``scrapy unlike``: take likes of one's own account back."""

from __future__ import annotations

from tvspiders.extras.account.like_command import LikeCommand


class Command(LikeCommand):
    """Take the like of each thing back.

    Example: ``scrapy unlike 763622 https://www.thingiverse.com/thing:2``
    """

    action = "unlike"
    summary = "Take likes of your own account back: numbers, thing:NUMBER or addresses"
