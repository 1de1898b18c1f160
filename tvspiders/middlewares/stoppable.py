"""Downloads that end at once when the crawl stops, however long their answer would take."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from scrapy.exceptions import DownloadFailedError

from tvspiders.middlewares.quota import CrawlStopping

T = TypeVar("T")


class StoppableDownloads:
    """Cuts downloads short by ending the wait in the task that asked for them.

    No task of its own for each download: that would cost more than the rest
    of this together. Whatever way a download is cut short, it ends with an
    exception of ours: Scrapy waits for ever where a handler ends with
    ``CancelledError``.
    """

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._under_way: set[asyncio.Task[Any]] = set()
        self._cut: set[asyncio.Task[Any]] = set()
        self._guard: asyncio.Task[None] | None = None

    async def finish(self, downloading: Coroutine[Any, Any, T]) -> T:
        """The outcome of a download.

        Raises:
            CrawlStopping: when the crawl stops before the answer is complete.
            DownloadFailedError: when somebody else cancelled the download.

        """
        if self._guard is None or self._guard.done():
            self._guard = asyncio.create_task(self._cut_at_stop())
        task = asyncio.current_task()
        if task is None:  # Scrapy's downloader runs in tasks
            raise RuntimeError("a download is waited for in a task")
        self._under_way.add(task)
        try:
            return await downloading
        except asyncio.CancelledError:
            if task not in self._cut:
                raise DownloadFailedError("the download was cancelled") from None
            raise CrawlStopping("the crawl stops; the answer was not waited for") from None
        finally:
            self._under_way.discard(task)
            if task in self._cut:
                self._cut.discard(task)
                task.uncancel()

    async def _cut_at_stop(self) -> None:
        """One waits for the stop on behalf of all downloads."""
        await self._stopping.wait()
        for task in self._under_way:
            self._cut.add(task)
            task.cancel()
