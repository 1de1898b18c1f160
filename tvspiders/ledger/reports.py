"""What the ledger reports goes on to the engine, to other components, and into the statistics."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from scrapy.crawler import Crawler

from tvspiders.crawl import context_of
from tvspiders.ledger.answers.encoding import Variants
from tvspiders.ledger.answers.known_items import KnownItems
from tvspiders.ledger.commit_loop import Follower
from tvspiders.ledger.engine import EngineLink
from tvspiders.storage.database.engine import DATABASE_CHANGED, DATABASE_GIVEN_UP
from tvspiders.storage.units import OLDER, Committed, unit_committed

logger = logging.getLogger(__name__)


class CrawlReports(Follower):
    """Follows the ledger of one crawl. Stats: ``tv/ledger/…``, ``tv/rows/older``."""

    def __init__(
        self,
        crawler: Crawler,
        engine: EngineLink,
        variants: Variants,
        queue_start_requests: Callable[[], Awaitable[None]],
    ) -> None:
        self.known = KnownItems(crawler.settings.getint("TV_DEDUPE_SIZE"))
        """What this run has stored."""
        self._crawler = crawler
        self._context = context_of(crawler)
        self._engine = engine
        self._variants = variants
        self._queue_start_requests = queue_start_requests

    def changed(self) -> None:
        """Let the engine look again."""
        self._engine.wake()

    def failed(self, problem: str) -> None:
        """Close the spider: nothing can be stored any more."""
        self._crawler.signals.send_catch_log(DATABASE_GIVEN_UP)
        self._engine.close("storage")

    def committed(self, committed: Committed) -> None:
        """Remember what is on disk, count it, and send the signal ``unit_committed``."""
        unit = committed.unit
        if unit.answer is not None and unit.answer.refused == OLDER:
            logger.info("Request %d: %s", unit.request_id, unit.reason)
            self._context.count(f"tv/answers/refused/{OLDER}")
        if committed.spared.older:
            self._context.count("tv/rows/older", committed.spared.older)
        self.known.remember(unit.items, unit.digests)
        self._crawler.signals.send_catch_log(unit_committed, committed=committed)
        self._context.count(f"tv/ledger/settled/{unit.state}")
        for item in committed.fresh:
            kind = getattr(item, "kind", "item")
            self._context.count(f"tv/ledger/stored/{kind}")

    def forgotten(self) -> None:
        """Another database: what this process has stored is not known there."""
        self.known.clear()
        self._variants.clear()
        self._context.count("tv/ledger/opened_again")

    async def opened_again(self) -> None:
        """Queue the start requests, which the database may have lost; what it holds stays as it is."""
        self._crawler.signals.send_catch_log(DATABASE_CHANGED)
        await self._queue_start_requests()
