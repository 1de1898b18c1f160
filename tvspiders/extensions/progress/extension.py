"""How far the crawl is: a live display on a terminal, one plain line a minute in a log file."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from sqlalchemy.exc import SQLAlchemyError

from tvspiders.crawl import context_of
from tvspiders.errors import StorageProblem
from tvspiders.extensions.progress.text import Snapshot, TokenUse, one_line
from tvspiders.middlewares.quota import quota_of

logger = logging.getLogger(__name__)

ENDS = ("done", "gone", "parked", "quarantined")
REFRESH = 0.5
"""Seconds between two pictures on a terminal."""
WORTH = 10.0
"""Seconds for which a picture may be out of date to spare a busy database."""


class Progress:
    """Requests done and known, things stored, quota of each token, time to finish.

    Settings: ``TV_PROGRESS`` (``auto``, ``terminal``, ``log`` or ``off``),
    ``TV_PROGRESS_SECONDS`` between two lines in a log.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        mode = crawler.settings["TV_PROGRESS"]
        if mode == "off":
            raise NotConfigured
        to_terminal = sys.stderr.isatty() and not crawler.settings["LOG_FILE"]
        self._live = mode == "terminal" or (mode == "auto" and to_terminal)
        self._every = REFRESH if self._live else crawler.settings.getfloat("TV_PROGRESS_SECONDS")
        self._display: Any = None
        self._task: asyncio.Task[None] | None = None
        self._began = time.monotonic()
        self._counts: dict[str, int] = {}
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        """Made by Scrapy."""
        return cls(crawler)

    def picture(self) -> Snapshot:
        """The crawl as it is now."""
        ledger = context_of(self.crawler).ledger
        stats = self.crawler.stats
        stored: dict[str, int] = {}
        refused = 0
        if stats is not None:
            figures = stats.get_stats()
            prefix = "tv/ledger/stored/"
            stored = {name[len(prefix) :]: n for name, n in figures.items() if name.startswith(prefix)}
            refused = sum(n for name, n in figures.items() if name.endswith("/limited"))
        tokens = [
            TokenUse(use.label, use.used, use.limit, use.period, use.wait, use.reset, use.retired)
            for use in quota_of(self.crawler).pool.figures()
        ]
        return Snapshot(
            done=sum(self._counts.get(state, 0) for state in ENDS),
            known=sum(self._counts.values()),
            stored=stored,
            refused=refused,
            seconds=time.monotonic() - self._began,
            answered=ledger.settled if ledger is not None else 0,
            tokens=tokens,
        )

    async def look(self) -> float:
        """Count the ledger's requests; returns the seconds until the next count is worth its cost."""
        ledger = context_of(self.crawler).ledger
        if ledger is None:
            return self._every
        began = time.monotonic()
        try:
            self._counts = await ledger.counts()
        except (StorageProblem, SQLAlchemyError):
            return self._every  # the ledger reports it, with its next transaction
        cost = time.monotonic() - began
        return max(self._every, min(50 * cost, WORTH), 5 * cost)

    def _opened(self) -> None:
        self._began = time.monotonic()
        if self._live:
            from tvspiders.extensions.progress.terminal import TerminalDisplay

            spider = self.crawler.spider
            self._display = TerminalDisplay(spider.name if spider is not None else "crawl")
            self._display.start()
        self._task = asyncio.ensure_future(self._tick())

    def _closed(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._display is not None:
            self._display.stop()
            self._display = None

    async def _tick(self) -> None:
        next_look = 0.0
        while True:
            await asyncio.sleep(self._every)
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + await self.look()
            if self._display is not None:
                self._display.show(self.picture())
            else:
                logger.info("%s", one_line(self.picture()))
