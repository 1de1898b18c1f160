"""Public pages: rendered by Splash one at a time, apart from the API and its quota."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse

from tvspiders import meta
from tvspiders.api.scrubbing import scrub_bytes
from tvspiders.crawl import context_of, limits_of
from tvspiders.errors import TvspidersError
from tvspiders.extras.pages import parsing
from tvspiders.extras.pages.pace import Pace
from tvspiders.extras.pages.splash import Splash, SplashTrouble
from tvspiders.middlewares.network import failure_name
from tvspiders.middlewares.quota import CrawlStopping, quota_of
from tvspiders.policies.outcome import Cause, Failed, Retry, decide

logger = logging.getLogger(__name__)


class PageLost(TvspidersError):
    """A page could not be rendered in this run (parks its request)."""


class PageMiddleware:
    """Answer the requests below ``/_page/`` with a rendering of the public page.

    They never come to the quota or to the handler of the API. Failures of Splash are
    tried again later; a challenge for bots is an answer like any other, and after
    ``TV_BLOCK_LIMIT`` of them in a row the crawl ends.

    Settings: ``SPLASH_URL``, ``THINGIVERSE_WWW_URL``, ``TV_PAGE_SECONDS``, ``TV_PAGE_WAIT``,
    ``TV_MAX_ATTEMPTS``, ``TV_RETRY_BASE``, ``TV_RETRY_CAP``, ``TV_BLOCK_LIMIT``.
    Stats: ``tv/pages/OUTCOME``, ``tv/pages/trouble/REASON``.
    """

    def __init__(
        self, crawler: Crawler, splash: Splash, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.splash = splash
        self.site = str(settings["THINGIVERSE_WWW_URL"]).rstrip("/")
        self.limits = limits_of(settings)
        self.block_limit = settings.getint("TV_BLOCK_LIMIT")
        self.blocked = 0
        """Consecutive challenge pages."""
        self._stopping = quota_of(crawler).pool.stopping
        self._pace = Pace(settings.getfloat("TV_PAGE_SECONDS"), time.monotonic)
        self._one = asyncio.Lock()
        self._sleep = sleep

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PageMiddleware:
        """Build from settings; close the connections with the crawl."""
        middleware = cls(crawler, Splash(crawler))
        crawler.signals.connect(middleware.splash.close, signal=signals.spider_closed)
        return middleware

    async def process_request(self, request: Request) -> Request | Response | None:
        """A rendering in the place of a download; everything else passes on.

        Raises:
            CrawlStopping: when the crawl stops; the request goes back to the ledger.
            PageLost: when Splash has failed too often.

        """
        thing_id = parsing.thing_of(urlsplit(request.url).path)
        if thing_id is None or "page" not in request.cb_kwargs:
            return None
        url = self.site + str(request.cb_kwargs["page"])
        try:
            async with self._one:
                await self._unless_stopped(self._wait())
                rendered = await self._unless_stopped(self.splash.render(url))
        except SplashTrouble as error:
            return self._failed(request, error.reason, str(error), error.again)
        except Exception as error:
            reason = failure_name(error)
            if reason is None:
                raise
            return self._failed(request, f"splash-{reason}", f"Splash: {reason}")
        document = rendered | {
            "thing_id": thing_id,
            "asked": url,
            "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "html": scrub_bytes(rendered["html"].encode("utf-8", "replace"))[0].decode("utf-8", "replace"),
        }
        self._note(parsing.outcome(document), url)
        return TextResponse(
            request.url,
            headers={"Content-Type": "application/json"},
            body=json.dumps(document).encode(),
            flags=[meta.RENDERED],
            request=request,
        )

    async def _wait(self) -> None:
        seconds = self._pace.begin()
        if seconds > 0:
            await self._sleep(seconds)

    async def _unless_stopped(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Await an operation until the crawl stops; after that none is begun."""
        if self._stopping.is_set():
            work.close()
            raise CrawlStopping("the crawl stops; the page was not requested")
        done = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((done, stop), return_when=asyncio.FIRST_COMPLETED)
            if done.done():
                return done.result()
        finally:
            stop.cancel()
            done.cancel()
            done.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise CrawlStopping("the crawl stops; the page was not waited for")

    def _note(self, outcome: str, url: str) -> None:
        self.crawler.stats.inc_value(f"tv/pages/{outcome}")
        self.blocked = self.blocked + 1 if outcome == "blocked" else 0
        if outcome == "blocked":
            logger.warning("%s shows a challenge for bots; recorded as blocked", url)
            if self.block_limit and self.blocked >= self.block_limit:
                context_of(self.crawler).end("blocked", f"{self.blocked} pages in a row were blocked")

    def _failed(self, request: Request, reason: str, said: str, again: bool = True) -> Request:
        self.crawler.stats.inc_value(f"tv/pages/trouble/{reason}")
        outcome = decide(
            Failed(Cause.NETWORK if again else Cause.OTHER, reason), meta.attempts(request), self.limits
        )
        if not isinstance(outcome, Retry):
            raise PageLost(said)
        logger.warning("the page of %s was not rendered (%s); retrying", request.cb_kwargs["page"], said)
        return meta.retry_copy(request, reason, outcome.pause, attempt=outcome.counts)
