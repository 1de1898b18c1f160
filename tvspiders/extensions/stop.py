"""End within seconds after SIGTERM or Ctrl-C, also with slow answers in flight and in long waits."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.middlewares.quota import quota_of


class Stop:
    """Tells everyone who waits that the process was asked to stop, then lets Scrapy stop as always.

    Scrapy by itself waits for every answer in flight; a slow one would hold
    the process until something kills it.
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
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)
            if callable(before):
                self._before[number] = before
                signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell)
        self._before[number](number, frame)
        # Scrapy takes the next signal of any kind for "at once". But whoever stops a group of processes sends
        # SIGTERM again while they are ending: systemd does, the moment the daemon of the group has ended.
        if callable(signal.getsignal(signal.SIGTERM)):
            signal.signal(signal.SIGTERM, _again)

    def _tell(self) -> None:
        """Requests that wait for quota, or for an answer, go back to the ledger at once."""
        quota_of(self.crawler).pool.stop()
        engine = self.crawler.engine
        if engine is not None and isinstance(engine.scheduler, LedgerScheduler):
            engine.scheduler.hurry()


def _again(number: int, frame: FrameType | None) -> None:
    """We are ending already, within seconds; who cannot wait presses Ctrl-C again, or sends SIGKILL."""
