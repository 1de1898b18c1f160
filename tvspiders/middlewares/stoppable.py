"""Downloads that end at once when the crawl stops, however long their answer would take."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from scrapy.exceptions import DownloadFailedError

from tvspiders.middlewares.quota import CrawlStopping, SleptThrough
from tvspiders.steady_clock import steady

T = TypeVar("T")


class StoppableDownloads:
    """Cuts downloads short by ending the wait in the task that asked for them.

    No task of its own for each download: that would cost more than the rest
    of this together. However a download is cut short, it ends with an
    exception of ours: Scrapy waits for ever where a handler ends with
    ``CancelledError``.
    """

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._in_flight: dict[asyncio.Task[Any], float] = {}
        self._cut: dict[asyncio.Task[Any], Exception] = {}
        self._guard: asyncio.Task[None] | None = None

    async def finish(self, downloading: Coroutine[Any, Any, T]) -> T:
        """The outcome of a download.

        Raises:
            CrawlStopping: when the crawl stops before the answer is complete.
            SleptThrough: when :meth:`cut_older` was called.
            DownloadFailedError: when the download was cancelled for another reason.

        """
        if self._guard is None or self._guard.done():
            self._guard = asyncio.create_task(self._cut_at_stop())
        task = asyncio.current_task()
        if task is None:  # Scrapy's downloader runs in tasks
            raise RuntimeError("a download is waited for in a task")
        self._in_flight[task] = steady()
        try:
            return await downloading
        except asyncio.CancelledError:
            if task not in self._cut:
                raise DownloadFailedError("the download was cancelled") from None
            raise self._cut[task] from None
        finally:
            self._in_flight.pop(task, None)
            if self._cut.pop(task, None) is not None:
                task.uncancel()

    def cut_older(self, moment: float) -> None:
        """End what began before this moment (of the clock that is never set) and was slept through."""
        for task in [task for task, began in self._in_flight.items() if began < moment]:
            self._end(task, SleptThrough("the process stood still; the connection may be lost"))

    async def _cut_at_stop(self) -> None:
        """One task waits for the stop on behalf of all downloads."""
        await self._stopping.wait()
        for task in list(self._in_flight):
            self._end(task, CrawlStopping("the crawl stops; the answer was not waited for"))

    def _end(self, task: asyncio.Task[Any], error: Exception) -> None:
        if task not in self._cut:
            self._cut[task] = error
            task.cancel()
