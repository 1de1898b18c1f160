"""Wait by a clock that is never set, and go on at once after a sleep or a change of the date."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.reactor import is_reactor_installed

from tvspiders.crawl import context_of
from tvspiders.middlewares.quota import quota_of

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks."""


def run_timers_steadily(reactor: Any) -> None:
    """Let Twisted's timers follow a clock that is never set; what is left of those that run stays.

    By itself Twisted counts them on the computer's clock: set forward, it ends every download in flight
    as timed out, and set back, it lets none end for as long.
    """
    before, now = reactor.seconds(), time.monotonic()
    if reactor.seconds is time.monotonic:
        return
    reactor.seconds = time.monotonic
    for call in reactor.getDelayedCalls():
        call.time += now - before
        call.seconds = time.monotonic


class Clock:
    """Looks each second whether the computer's clock was set or the process stood still.

    A step is only logged: nothing waits by that clock. After a sleep requests that were in flight
    go back without an attempt, and what is due is asked at once.

    Stats: ``tv/clock/steps``, ``tv/clock/sleeps``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._task: asyncio.Task[None] | None = None
        crawler.signals.connect(self._started, signals.engine_started)
        crawler.signals.connect(self._stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Clock:
        """Made by Scrapy."""
        if is_reactor_installed():
            from twisted.internet import reactor

            run_timers_steadily(reactor)
        return cls(crawler)

    def _started(self) -> None:
        self._task = asyncio.ensure_future(self._watch())

    async def _stopped(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        watch = quota_of(self.crawler).watch
        watch.start()
        while True:
            await asyncio.sleep(EVERY)
            for seen in watch.changes():
                if seen.step:
                    self._stepped(seen.step)
                if seen.stood:
                    self._woke(seen.stood)

    def _stepped(self, step: float) -> None:
        self.crawler.stats.inc_value("tv/clock/steps")
        way = "back" if step < 0 else "forward"
        logger.warning("the computer's clock was set %s by %d seconds; no wait depends on it", way, abs(step))

    def _woke(self, stood: float) -> None:
        """Go on at once: what has become due meanwhile is looked for, and lost connections are let go."""
        self.crawler.stats.inc_value("tv/clock/sleeps")
        logger.warning("the process stood still for %d seconds; what was in flight counts no attempt", stood)
        quota_of(self.crawler).woke(stood)
        ledger = context_of(self.crawler).ledger
        if ledger is not None:
            ledger.look_again()
