"""One slot of one token's quota for each request that leaves."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api.answers import Verdict
from tvspiders.api.headers import date
from tvspiders.crawl import context_of
from tvspiders.errors import GivenBack, Stopped
from tvspiders.middlewares.network import TunnelRefused
from tvspiders.middlewares.quota_store import SqlQuotaStore
from tvspiders.policies.clock_watch import ClockWatch
from tvspiders.policies.quota.limit import parse_quota
from tvspiders.policies.quota.pool import TokenPool
from tvspiders.policies.quota.store import MemoryStore, QuotaStore
from tvspiders.policies.quota.waiting import Grant
from tvspiders.policies.security.origin import Origin
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.steady_clock import steady
from tvspiders.storage.database.engine import DATABASE_CHANGED, DATABASE_GIVEN_UP, open_engine

logger = logging.getLogger(__name__)


class SleptThrough(IgnoreRequest, GivenBack):
    """The process stood still while a request was in flight; it goes back without an attempt."""


class CrawlStopping(IgnoreRequest, GivenBack):
    """The crawl stops; the request was not answered and goes back to the ledger without an attempt."""


@dataclass
class CrawlQuota:
    """What the components of one crawl share; holds the tokens, so it is never logged or stored."""

    pool: TokenPool
    origin: Origin
    grants: WeakKeyDictionary[Request, Grant] = field(default_factory=WeakKeyDictionary)
    store: SqlQuotaStore | None = None
    watch: ClockWatch = field(default_factory=ClockWatch)
    """Distinguishes a request that failed from one that the process slept through."""
    on_wake: list[Callable[[float], None]] = field(default_factory=list)
    """Called with the seconds for which the process stood still."""

    def woke(self, stood: float) -> None:
        """Go on after the process stood still."""
        for call in self.on_wake:
            call(stood)
        self.pool.resume()

    async def close(self) -> None:
        """Give back what is in hand, and let go of the database."""
        await self.pool.close()
        if self.store is not None:
            self.store.close()


def quota_of(crawler: Crawler) -> CrawlQuota:
    """The crawl's quota, made on first use from settings and environment.

    Raises:
        ConfigProblem: without a token, or with a wrong API URL.
        StorageProblem: when the database that keeps the quota cannot be opened.
        ValueError: when ``TV_QUOTA`` cannot be read.

    """
    context = context_of(crawler)
    if context.quota is None:
        settings = crawler.settings
        source = TokenSource.from_environment(os.environ)
        quota = parse_quota(settings.get("TV_QUOTA"))
        spread = settings.getbool("TV_QUOTA_SPREAD")
        sql: SqlQuotaStore | None = None
        if settings.getbool("TV_QUOTA_SHARED"):
            sql = SqlQuotaStore(open_engine(settings["DATABASE_URL"]), quota, spread)
        store: QuotaStore = sql or MemoryStore(quota, spread, steady)
        grants: WeakKeyDictionary[Request, Grant] = WeakKeyDictionary()

        def in_flight(grant: Grant) -> bool:
            # an answer that cannot be unpacked, or a redirect, never comes back to us
            return any(grants.get(request) is grant for request in context.downloading)

        origin = Origin.of_api(settings["THINGIVERSE_API_URL"])
        pool = TokenPool(source, store, steady, context.count, in_flight=in_flight)
        context.quota = CrawlQuota(pool, origin, grants, store=sql)
    return context.quota


class QuotaMiddleware:
    """Hold each request until a token has a slot for it, and report its outcome to the quota.

    Nearest to the downloader but for compression and proxies: below every
    component that may still drop, repeat or replace the request.

    Settings: ``TV_QUOTA``, ``TV_QUOTA_SPREAD``, ``TV_QUOTA_SHARED``, ``DATABASE_URL``.
    Stats: ``tv/quota/…``. Meta: ``tv_token``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.quota = quota_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> QuotaMiddleware:
        """Build from settings and environment, and close the pool with the crawl."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(middleware.database_changed, signal=DATABASE_CHANGED)
        crawler.signals.connect(middleware.quota.pool.stop, signal=DATABASE_GIVEN_UP)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Wait for a slot.

        Raises:
            CrawlStopping: at once when the crawl stops.
            NoTokens: when no token is left.

        """
        try:
            pool, proven = self.quota.pool, meta.verified_token(request)
            grant = await (pool.acquire() if proven is None else pool.acquire_to_verify(proven))
        except Stopped as error:
            raise CrawlStopping(str(error)) from None
        self.quota.grants[request] = grant
        request.meta[meta.LABEL] = grant.label

    async def process_response(self, request: Request, response: Response) -> Response:
        """Use up the slot, or give it back, by the answer's verdict."""
        grant = self.quota.grants.pop(request, None)
        if grant is None:
            return response
        answer = meta.classified(request)
        pool = self.quota.pool
        if answer.verdict is Verdict.LIMITED:
            await pool.refused(grant, answer.retry_after)
            return response
        pool.record(grant, served=answer.verdict is not Verdict.BLOCKED)
        if answer.verdict is Verdict.UNAUTHORIZED:
            pool.retire(grant)
        limit, remaining, reset = (_number(response, f"X-RateLimit-{name}") for name in _RATE_HEADERS)
        if limit is not None or reset is not None:
            await pool.learn_limits(grant, limit, remaining, _seconds(reset, response))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Give the slot back where the request never left, or found no server to connect to."""
        grant = self.quota.grants.pop(request, None)
        if grant is None:
            return
        if isinstance(exception, DownloadConnectionRefusedError | CannotResolveHostError | TunnelRefused):
            self.quota.pool.unsent(grant)
        else:
            self.quota.pool.give_back(grant)

    def database_changed(self) -> None:
        """Reserve again: what was reserved, and some of what was sent, may not be known there."""
        if self.quota.store is not None:
            self.quota.store.changed()
            self.quota.pool.resync()

    async def spider_closed(self) -> None:
        """Note the final figures, and give back what is in hand."""
        for figures in self.quota.pool.figures():
            self.crawler.stats.set_value(f"tv/quota/{figures.label}/limit", figures.limit)
            self.crawler.stats.set_value(f"tv/quota/{figures.label}/period", figures.period)
        await self.quota.close()


_RATE_HEADERS = ("Limit", "Remaining", "Reset")


def _number(response: Response, name: str) -> int | None:
    value = (response.headers.get(name) or b"").strip()
    return int(value) if value.isdigit() and len(value) <= 12 else None


def _seconds(reset: int | None, response: Response) -> float | None:
    """``X-RateLimit-Reset`` is in use both as seconds from now and as a moment since 1970.

    Such a moment counts from the answer's own ``Date``: our clock may be set to anything.
    """
    if reset is None or reset < 1_000_000_000:
        return reset
    sent = date((response.headers.get("Date") or b"").decode("latin-1"))
    return None if sent is None else reset - sent.timestamp()
