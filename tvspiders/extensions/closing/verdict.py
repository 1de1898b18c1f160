"""Remember how the run ended, for the last line and the exit code of the command."""

from __future__ import annotations

import logging

from scrapy import signals
from scrapy.crawler import Crawler

from tvspiders.crawl import context_of
from tvspiders.ledger.verdict import Ending

logger = logging.getLogger(__name__)


class Verdict:
    """Keeps the ledger's verdict after the engine has released the scheduler.

    Stats: ``tv/verdict``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.ending: Ending | None = None
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Verdict:
        """Made by Scrapy."""
        return cls(crawler)

    def _closed(self) -> None:
        scheduler = context_of(self.crawler).scheduler
        if scheduler is not None and scheduler.ending is not None:
            self.ending = scheduler.ending
            logger.info("Verdict: %s", self.ending.line)
            if self.crawler.stats:
                self.crawler.stats.set_value("tv/verdict", self.ending.verdict)
