"""End within seconds after SIGTERM or Ctrl-C, also with slow answers in flight and in long waits."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from tvspiders.crawl import context_of
from tvspiders.middlewares.quota import quota_of

logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
OPENING, LOOK_AGAIN = 1.5, 0.05
"""Seconds that a crawl may take to be open before it is left as it is, and from look to look."""


class Shutdown:
    """What SIGTERM and Ctrl-C do to ``scrapy crawl``, until the process is gone.

    In place of the handlers of Scrapy and Twisted. Those take a second signal of any kind for "at once",
    but a process manager that stops a group sends SIGTERM again while they are ending: systemd does, the
    moment the main process of the group has ended. And they are taken away with the reactor, so that a
    signal after it would kill a process whose work is done, and take its exit code.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asked = False
        self._open = False
        self._decided = False

    def install(self) -> None:
        """From now on; the reactor must be installed."""
        self._crawler.signals.connect(self._opened, signals.engine_started)
        self._crawler.signals.connect(self.ignore, signals.spider_closed)
        for number in SIGNALS:
            signal.signal(number, self)

    def ignore(self) -> None:
        """The end is decided. An ignored signal stays ignored while Python ends; a handler would not stay."""
        self._decided = True
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """A signal has come. Nothing is changed here that a second one in the middle of it could meet."""
        from twisted.internet import reactor

        if not self._asked:
            self._asked = True
            reactor.callFromThread(self._begin, signal.Signals(number).name)
        elif number == signal.SIGINT:
            reactor.callFromThread(self._force)

    def _opened(self) -> None:
        self._open = True

    def _begin(self, name: str) -> None:
        logger.info("Received %s, ending; Ctrl-C again ends at once", name)
        self._stop(asyncio.get_running_loop().time() + OPENING)

    def _stop(self, latest: float) -> None:
        """Stop the crawl. One that is just beginning is open in a moment, and can be closed then."""
        if self._decided:
            return
        loop, crawler = asyncio.get_running_loop(), self._crawler
        if self._open and crawler.engine.running:
            stop = crawler.get_extension(Stop)
            if stop is not None:
                stop.release_waiting()
            self._closing = loop.create_task(self._close())
        elif loop.time() < latest:
            loop.call_later(LOOK_AGAIN, self._stop, latest)
        else:
            self._leave()

    async def _close(self) -> None:
        """Stop a crawl that does not end already: Scrapy would not wait for the end that has begun."""
        slot = self._crawler.engine._slot
        if slot is not None and slot.closing is None:
            await self._crawler.stop_async()

    def _force(self) -> None:
        logger.info("Received Ctrl-C again, ending at once")
        self._leave()

    def _leave(self) -> None:
        from twisted.internet import reactor

        with suppress(RuntimeError):  # it ends already
            reactor.stop()  # type: ignore[misc]


class Stop:
    """Releases all that waits when the process is asked to stop, then lets Scrapy stop as always.

    Scrapy by itself waits for every answer in flight; a slow one would hold
    the process until something kills it. ``scrapy crawl`` has a `Shutdown`,
    which calls it; in a script of one's own it runs before Scrapy's handlers.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._before: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        crawler.signals.connect(self._started, signals.engine_started)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Stop:
        """Made by Scrapy."""
        return cls(crawler)

    def _started(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._loop = asyncio.get_running_loop()
        for number in SIGNALS:
            before = signal.getsignal(number)
            if callable(before) and not isinstance(before, Shutdown):
                self._before[number] = before
                signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.release_waiting)
        self._before[number](number, frame)
        if callable(signal.getsignal(signal.SIGTERM)):
            signal.signal(signal.SIGTERM, _again)

    def release_waiting(self) -> None:
        """Requests that wait for quota, or for an answer, go back to the ledger at once."""
        quota_of(self.crawler).pool.stop()
        scheduler = context_of(self.crawler).scheduler
        if scheduler is not None:
            scheduler.signalled = True
            scheduler.hurry()


def _again(number: int, frame: FrameType | None) -> None:
    """We are ending already, within seconds; Ctrl-C again, or SIGKILL, ends at once."""
