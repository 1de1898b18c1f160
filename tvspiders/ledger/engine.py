"""Scrapy's engine, as far as the ledger needs it; the one place that uses its private attributes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Coroutine
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler

STUCK_SECONDS = 2.0
"""For how long nothing works on the last requests before they count as lost."""


class EngineLink:
    """Wakes, watches and closes the engine of one crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._tasks: set[asyncio.Task[None]] = set()
        self._stuck_since: float | None = None

    @property
    def spider(self) -> Spider:
        """The spider of this crawl."""
        spider = self._crawler.spider
        if spider is None:
            raise RuntimeError("the crawl has no spider yet")
        return spider

    @property
    def closing(self) -> bool:
        """Whether the spider is being closed."""
        slot = self._slot
        return slot is not None and slot.closing is not None

    def wake(self) -> None:
        """Let the engine ask for requests again; its slot has no public way to say so."""
        slot = self._slot
        if slot is not None and slot.closing is None:
            slot.nextcall.schedule()

    def close(self, reason: str) -> None:
        """Close the spider; not waited for."""
        engine = self._crawler.engine
        if engine is not None and engine.spider is not None:
            self.begin(engine.close_spider_async(reason=reason))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that is not waited for."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def is_stuck(self, waiting: Collection[int]) -> bool:
        """Whether the crawl waits only for requests that nothing works on any more, and did so for a while.

        A downloader middleware that answers a request with another one of its own loses it, for one.
        """
        engine: Any = self._crawler.engine
        slot = self._slot
        if not waiting or slot is None or slot.inprogress or not engine.scraper.slot.is_idle():
            self._stuck_since = None
            return False
        now = time.monotonic()
        if self._stuck_since is None:
            self._stuck_since = now
            asyncio.get_running_loop().call_later(STUCK_SECONDS, self.wake)
        return now - self._stuck_since >= STUCK_SECONDS * 0.9

    @property
    def _slot(self) -> Any:
        engine = self._crawler.engine
        return engine._slot if engine is not None else None
