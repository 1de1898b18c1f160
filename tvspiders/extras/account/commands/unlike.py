"""``scrapy unlike``: remove likes of your own account."""

from __future__ import annotations

from tvspiders.extras.account.like_command import LikeCommand


class Command(LikeCommand):
    """Remove the like of each thing."""

    action = "unlike"
    summary = "Take likes of your own account back: numbers, thing:NUMBER or addresses"
    examples = (
        "scrapy unlike 763622 https://www.thingiverse.com/thing:2",
        "scrapy unlike 763622 --dry-run",
    )
