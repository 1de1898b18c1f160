"""Hand items to the unit of work of their answer; the ledger commits it as a whole."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from tvspiders.items import Item


class StoragePipeline:
    """Adds each item to the unit that its answer belongs to.

    The database is written when the answer is complete: in batches, in a
    thread, together with the acknowledgement of its request.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StoragePipeline:
        """Made by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Keep the item for its unit; raises ``DropItem`` when that is settled already."""
        engine = self.crawler.engine
        collect = getattr(engine.scheduler if engine is not None else None, "collect", None)
        if collect is not None and isinstance(item, Item) and not collect(item):
            raise DropItem("its answer was refused", log_level="DEBUG")
        return item
