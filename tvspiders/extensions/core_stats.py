"""Scrapy's core statistics without a signal for each item."""

from __future__ import annotations

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.extensions.corestats import CoreStats

from tvspiders.ledger.acknowledge import outcomes_are_told


class LeanCoreStats(CoreStats):
    """Leaves the counting of items to the item processor where that does it.

    With another ``ITEM_PROCESSOR`` it listens to the same signals as Scrapy's own.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LeanCoreStats:
        """Made by Scrapy."""
        found = super().from_crawler(crawler)
        if outcomes_are_told(crawler):
            crawler.signals.disconnect(found.item_scraped, signals.item_scraped)
            crawler.signals.disconnect(found.item_dropped, signals.item_dropped)
        return found
