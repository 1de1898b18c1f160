"""What the components of one crawl share: made once, found by ``context_of(crawler)``.

The ledger's scheduler, the quota and the proxies put themselves in, each when it is made. No component
looks for another one in Scrapy's engine.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from tvspiders.close_reasons import log_line
from tvspiders.policies.backoff import Backoff
from tvspiders.policies.outcome import Limits

if TYPE_CHECKING:  # they are above this module, which only holds them
    from tvspiders.ledger.ledger import Ledger
    from tvspiders.ledger.scheduler import LedgerScheduler
    from tvspiders.middlewares.proxies import CrawlRoutes
    from tvspiders.middlewares.quota import CrawlQuota

logger = logging.getLogger(__name__)
_NAME = "tv_context"


class CrawlContext:
    """The parts of one crawl; a part that the crawl does not have is ``None``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.scheduler: LedgerScheduler | None = None
        """``None`` where Scrapy's own scheduler is used, for a lone request."""
        self.quota: CrawlQuota | None = None
        """Made on first use, by ``middlewares.quota.quota_of``."""
        self.proxies: CrawlRoutes | None = None
        """``None`` when requests go directly."""
        self._ending: asyncio.Task[None] | None = None

    @property
    def ledger(self) -> Ledger | None:
        """The ledger, once the crawl is open."""
        return self.scheduler.ledger if self.scheduler is not None else None

    @property
    def downloading(self) -> Collection[Request]:
        """What the downloader works on at this moment; empty before the engine is there.

        The very set that the engine goes on changing: look into it, do not keep it. What is not in it any
        more has ended, also where no middleware saw that: an answer that cannot be unpacked, a redirect.
        """
        engine = self.crawler.engine
        return engine.downloader.active if engine is not None else ()

    def count(self, name: str, amount: float = 1) -> None:
        """Add to a statistic."""
        stats = self.crawler.stats
        if stats is not None:
            stats.set_value(name, (stats.get_value(name) or 0) + amount)

    def end(self, reason: str, detail: str = "") -> None:
        """Close the crawl cleanly, once, for one of ``CLOSE_REASONS``; waiting requests go back to the queue.

        Scheduled, never awaited: the close waits for the very request that asks for it.
        """
        pool = self.quota.pool if self.quota is not None else None
        if pool is None or not pool.stopping.is_set():
            logger.error("%s", log_line(reason, detail))
        if self._ending is None and self.crawler.engine is not None:
            self._ending = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))
        if pool is not None:
            pool.stop()


def context_of(crawler: Crawler) -> CrawlContext:
    """The crawl's context; it lives as long as the crawler."""
    found = vars(crawler).get(_NAME)
    if found is None:
        found = vars(crawler)[_NAME] = CrawlContext(crawler)
    return cast("CrawlContext", found)


def limits_of(settings: BaseSettings) -> Limits:
    """How often a request is sent, and after which pauses."""
    backoff = Backoff(settings.getfloat("TV_RETRY_BASE"), settings.getfloat("TV_RETRY_CAP"))
    return Limits(settings.getint("TV_MAX_ATTEMPTS"), backoff)
