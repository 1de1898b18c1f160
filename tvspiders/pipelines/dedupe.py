"""Drop items that this run has stored already with the same content."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from tvspiders.items import Item
from tvspiders.storage.units import Committed, digest, key_text, unit_committed


class DuplicateItem(DropItem):
    """An item seen in this crawl with the same content; logged at DEBUG."""


class DedupePipeline:
    """Drops an item that an answer on disk has brought with the same content.

    Only what is committed counts: an item of an answer that is refused later
    must still come through from the next one. Memory is bounded; what it
    forgets is caught again by the crawl's register in the database, so nothing
    is ever exported twice.

    Settings: ``TV_DEDUPE_SIZE``. Stats: ``tv/items/duplicate``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._size = crawler.settings.getint("TV_DEDUPE_SIZE")
        self._seen: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        crawler.signals.connect(self._remember, unit_committed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DedupePipeline:
        """Made by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        """Pass new content on; raises ``DuplicateItem`` for known content."""
        known = self._seen.get(_name(item)) if isinstance(item, Item) else None
        if known is not None and known == digest(item):
            if self.crawler.stats:
                self.crawler.stats.inc_value("tv/items/duplicate")
            raise DuplicateItem(f"known {type(item).__name__.lower()} {key_text(item)}", log_level="DEBUG")
        return item

    def _remember(self, committed: Committed) -> None:
        for item in committed.unit.items:
            name = _name(item)
            self._seen[name] = digest(item)
            self._seen.move_to_end(name)
        while len(self._seen) > self._size:
            self._seen.popitem(last=False)


def _name(item: Item) -> tuple[str, str]:
    return type(item).__name__, key_text(item)
