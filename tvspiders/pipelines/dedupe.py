"""Drop items that this run has stored already with the same content."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from tvspiders.items import Item
from tvspiders.storage.units import key_text


class DuplicateItem(DropItem):
    """An item seen in this crawl with the same content; logged at DEBUG."""


class DedupePipeline:
    """Drops an item that an answer on disk has brought with the same content.

    Most repeats do not come here: the acknowledgement leaves out what is known
    before Scrapy works on it. This finds those that only an earlier pipeline,
    or another answer in the meantime, made equal. What is known is the ledger's
    to say; without it everything passes.

    Settings: ``TV_DEDUPE_SIZE``. Stats: ``tv/items/duplicate``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DedupePipeline:
        """Made by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Pass new content on; raises ``DuplicateItem`` for known content."""
        engine = self.crawler.engine
        known = getattr(engine.scheduler if engine is not None else None, "known", ())
        if isinstance(item, Item) and item in known:
            if self.crawler.stats:
                self.crawler.stats.inc_value("tv/items/duplicate")
            raise DuplicateItem(f"known {type(item).__name__.lower()} {key_text(item)}", log_level="DEBUG")
        return item
