"""The last step before the socket: the token goes in here, and nowhere else."""

from __future__ import annotations

import asyncio
import time

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.web.client import HTTPConnectionPool

from tvspiders import meta
from tvspiders.errors import Stopped, TvspidersError
from tvspiders.middlewares.network import failure_name
from tvspiders.middlewares.proxies import CrawlRoutes, routes_of
from tvspiders.middlewares.quota import CrawlQuota, CrawlStopping, SleptThrough, quota_of
from tvspiders.middlewares.stoppable import StoppableDownloads
from tvspiders.policies.quota.waiting import Grant
from tvspiders.policies.security.proxy_address import ProxyAddress, Route
from tvspiders.policies.security.tokens import Token
from tvspiders.steady_clock import steady

LONG_SLEEP = 15.0
"""Seconds of standing still after which an answer has come, or will not come on this connection."""
AFTER_SLEEP = 2.0
"""Seconds for what came to be read."""


class Unaccounted(TvspidersError):
    """A request came to the socket without a slot of the quota (raised by the download handler)."""


class WriteRefused(TvspidersError):
    """A crawl would have changed something on the site (raised by the download handler)."""


class ApiDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own HTTP/1.1 handler for one origin: the API's scheme, host and port.

    The ``Authorization`` header is put on a private copy of the request that is
    forgotten with the download. Redirects are never followed here, so the copy
    cannot travel. When the crawl stops, downloads in flight end at once.
    A crawl only reads: anything but a GET is not sent.
    Proxies are those of ``THINGIVERSE_PROXY`` only, chosen here, after the token.

    Stats: ``tv/proxy/LABEL/…``.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._quota: CrawlQuota = quota_of(crawler)
        self._routes: CrawlRoutes | None = None
        self._looked = False
        self._single = _single_use_pool()
        # Twisted would send a lost request again by itself, without a slot of the quota (D-33)
        self._pool.retryAutomatically = False
        self._stoppable = StoppableDownloads(self._quota.pool.stopping)
        self._quota.on_wake.append(self._woke)

    async def download_request(self, request: Request) -> Response:
        """Send one request with the token that it was granted.

        Raises:
            ForeignOrigin: when the URL leads anywhere but to the API.
            WriteRefused: for every method but GET, and for a GET with a body.
            Unaccounted: when no slot of the quota was granted.
            CrawlStopping: when the crawl stops before the answer is complete.
            SleptThrough: when the answer was lost because the process stood still.

        """
        self._quota.origin.require(request.url)
        if request.method != "GET" or request.body:
            raise WriteRefused(f"a {request.method} request was not sent: crawls only read")
        grant, route = await self._choose_route(request)
        sent = _with_token(request, self._quota.pool.depart(grant))
        try:
            return await self._stoppable.finish(self._download(sent, route))
        except Exception as error:
            if grant.sent_at is None or failure_name(error) is None:
                raise
            if not self._quota.watch.slept_since(grant.sent_at):
                raise
            raise SleptThrough("the process stood still; the answer was lost") from None
        finally:
            if "download_latency" in sent.meta:
                request.meta["download_latency"] = sent.meta["download_latency"]

    def _woke(self, stood: float) -> None:
        """Connections seldom survive a long sleep: what waits on them would wait until it times out."""
        if stood < LONG_SLEEP:
            return
        for pool in (self._pool, self._single):
            pool.closeCachedConnections()  # type: ignore[no-untyped-call]
        asyncio.get_running_loop().call_later(AFTER_SLEEP, self._stoppable.cut_older, steady())

    async def _choose_route(self, request: Request) -> tuple[Grant, Route | None]:
        """The slot of the quota and the route: the route may depend on the token, so it is chosen last."""
        if not self._looked:
            self._routes, self._looked = routes_of(self._crawler), True
        while True:
            grant = await self._granted(request)
            if self._routes is None:
                return grant, None
            route = self._routes.take(grant.label, request)
            if route is not None:
                return grant, route
            await self._routes.change(self._quota.pool.stopping)

    async def _download(self, sent: Request, route: Route | None) -> Response:
        if self._routes is None or route is None:
            return await super().download_request(sent)
        stats, began = self._crawler.stats, time.monotonic()
        stats.inc_value(f"tv/proxy/{route.label}/requests")
        if route.address is None:
            response = await super().download_request(sent)
        else:
            response = await self._through(self._routes, route, route.address, sent)
        stats.inc_value(f"tv/proxy/{route.label}/bytes", _size(sent) + _size(response))
        answers = stats.get_value(f"tv/proxy/{route.label}/answers", 0) + 1
        mean = stats.get_value(f"tv/proxy/{route.label}/latency", 0.0)
        stats.set_value(f"tv/proxy/{route.label}/answers", answers)
        stats.set_value(f"tv/proxy/{route.label}/latency", mean + (time.monotonic() - began - mean) / answers)
        return response

    async def _through(
        self, routes: CrawlRoutes, route: Route, address: ProxyAddress, sent: Request
    ) -> Response:
        secret = address.authorization()
        if secret is not None and sent.url.startswith("http:"):
            sent.headers[b"Proxy-Authorization"] = secret
        agent = routes.agent(
            address,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            # a connection to a proxy over plain http does not belong to one session
            pool=self._single if route.once or sent.url.startswith("http:") else self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(sent))

    async def _granted(self, request: Request) -> Grant:
        """The request's slot, or a new one if it waited too long on its way here."""
        pool, grant = self._quota.pool, self._quota.grants.get(request)
        if grant is None or grant.finished:
            raise Unaccounted("a request without a slot of the quota was not sent")
        if pool.stopping.is_set():
            raise CrawlStopping("the crawl is stopping")
        if pool.is_stale(grant):
            pool.give_back(grant)
            try:
                grant = await pool.acquire(first=True)
            except Stopped as error:
                raise CrawlStopping(str(error)) from None
            self._quota.grants[request] = grant
            request.meta[meta.LABEL] = grant.label
        return grant


def _with_token(request: Request, token: Token) -> Request:
    """A private copy with the token, and without proxy or credentials from elsewhere."""
    sent = Request(request.url, method=request.method, body=request.body, meta=request.meta)
    headers = Headers(encoding=request.encoding)
    dict.update(headers, request.headers)  # names and values are normal already
    sent.headers = headers
    sent.headers[b"Authorization"] = f"Bearer {token.reveal()}".encode()
    sent.headers.pop(b"Proxy-Authorization", None)
    sent.meta.pop("proxy", None)
    return sent


def _size(message: Request | Response) -> int:
    """Bytes on the way but for TLS: head and body as they were sent."""
    line = len(message.url) + 15 if isinstance(message, Request) else 17
    return line + len(message.headers.to_string()) + 4 + len(message.body)


def _single_use_pool() -> HTTPConnectionPool:
    from twisted.internet import reactor

    return HTTPConnectionPool(reactor, persistent=False)  # type: ignore[no-untyped-call]
