"""``scrapy like``: like things with your own account."""

from __future__ import annotations

from tvspiders.extras.account.like_command import LikeCommand


class Command(LikeCommand):
    """Send one like for each thing that is not liked yet."""

    action = "like"
    summary = "Like things with your own account: numbers, thing:NUMBER or addresses"
    examples = (
        "scrapy like 763622 https://www.thingiverse.com/thing:2",
        "scrapy like 763622 --dry-run",
    )
