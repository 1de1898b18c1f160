"""Send requests through healthy proxies; retry what failed at a proxy without counting an attempt."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from tvspiders import meta
from tvspiders.crawl import context_of, limits_of
from tvspiders.extras import needs
from tvspiders.extras.proxies.health import CUT_CONNECTION, ProxyRoute, ProxyRoutes
from tvspiders.extras.proxies.routes import gateway_pool, share_proxies
from tvspiders.middlewares.proxies import configured_proxies
from tvspiders.middlewares.quota import CrawlStopping, quota_of
from tvspiders.steady_clock import steady

logger = logging.getLogger(__name__)

SUSPECTS = 3
"""Proxies that must fail at one request, while others work, before the request counts an attempt."""
REMEMBERED = 10_000
"""Requests whose failures are remembered."""
RETRY_REASON = "proxy"
"""Reason of a retry after a proxy failed."""
AMBIGUOUS = ("timeout", "connection", "truncated")
"""Failures that the API may have caused as well; all others happened before it saw the request."""


@dataclass
class _Suspicion:
    """How often a request failed while others got responses."""

    answers: int
    """Responses to all requests when it failed last."""
    routes: int = 0


class ProxyMiddleware:
    """Holds requests while all proxies cool down, and retries proxy failures without counting an attempt.

    The route itself is chosen by the download handler, when the token is known.
    Above the quota, so that no slot is held while all proxies cool down, and below the
    retries, which so never count a proxy's failure as one of the API.

    Settings: ``TV_PROXY_MODE``, ``TV_PROXY_COUNTRY``, ``TV_PROXY_FALLBACK``, ``TV_PROXY_LIFETIME``,
    ``TV_PROXY_SESSIONS``, ``TV_PROXY_REST``, ``TV_PROXY_PATIENCE``, ``TV_RETRY_BASE``. Stats: ``tv/proxy/…``.
    Close reasons: ``proxies``, ``proxy_unreachable``, ``proxy_login``, ``proxy_certificate``.
    """

    def __init__(self, crawler: Crawler, routes: ProxyRoutes) -> None:
        self.crawler = crawler
        self.routes = routes
        self.shared = share_proxies(crawler, routes)
        self.pool = quota_of(crawler).pool
        with needs("proxies"):
            from tvspiders.extras.proxies.bans import ProxyBanPolicy
        self.bans = ProxyBanPolicy()
        self.backoff = limits_of(crawler.settings).backoff
        self._suspicions: OrderedDict[int, _Suspicion] = OrderedDict()
        self._answers = 0
        self._failing: set[int] = set()
        self._blocked_in_a_row = 0
        self._direct_logged = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProxyMiddleware:
        """Build from environment and settings; not configured without proxies."""
        proxies = configured_proxies(crawler.settings)
        if proxies is None:
            raise NotConfigured
        if proxies.gateway is not None:
            return cls(crawler, gateway_pool(proxies.gateway, crawler.settings, steady))
        with needs("proxies"):
            from tvspiders.extras.proxies.rotating_list import RotatingList
        return cls(crawler, RotatingList(crawler, proxies.addresses))

    async def process_request(self, request: Request) -> None:
        """Wait while all proxies cool down.

        Raises:
            CrawlStopping: when the crawl stops, also because no proxy works.

        """
        while self.routes.wait() > 0 and not self.shared.direct:
            self._end_if_hopeless()
            if self.pool.stopping.is_set():
                raise CrawlStopping("no proxy is free, and the crawl is stopping")
            await self.shared.change(self.pool.stopping)
        if self.shared.direct and self.routes.wait() > 0 and not self._direct_logged:
            self._direct_logged = True
            logger.warning("no proxy works; sending requests directly, as TV_PROXY_FALLBACK allows")

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pass responses of the API on; retry what failed because of a proxy."""
        route = self.shared.used.pop(request, None)
        if not isinstance(route, ProxyRoute):
            return response
        try:
            return self._check(request, response, route)
        finally:
            self.shared.release(route, request)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Retry what failed on the way to the API."""
        route = self.shared.used.pop(request, None)
        if not isinstance(route, ProxyRoute):
            return None
        try:
            reason = self.bans.reason_of_exception(exception)
            return self._failed(request, route, reason) if reason else None
        finally:
            self.shared.release(route, request)

    def _check(self, request: Request, response: Response, route: ProxyRoute) -> Request | Response:
        reason = self.bans.reason_of_response(request, response)
        self._blocked_in_a_row = self._blocked_in_a_row + 1 if reason == "blocked" else 0
        if reason is None:
            self._suspicions.pop(meta.request_id(request) or 0, None)
            self._failing.clear()
            self._answers += 1
            self._direct_logged = False
            self.routes.answered(route)
            return response
        if self._blocked_in_a_row > SUSPECTS:
            return response  # not this proxy: the site blocks all of them
        return self._failed(request, route, reason) or response

    def _failed(self, request: Request, route: ProxyRoute, reason: str) -> Request | None:
        cooldown = self.routes.failed(route, reason)
        stats = self.crawler.stats
        stats.inc_value(f"tv/proxy/{route.label}/bans")
        stats.inc_value(f"tv/proxy/bans/{reason}")
        logger.debug("%s cools down for %d seconds (%s)", route.label, cooldown, reason)
        ended = self._end_if_hopeless()
        if not ended and (pause := self.routes.wait()) > 0 and not self.shared.direct:
            logger.info("all proxies cool down; the next one is used in %d seconds (%s)", pause + 1, reason)
        if not ended and reason == "certificate" and not route.once:
            logger.warning("%s sent its own certificate, not the API's; it got no token", route.label)
        if self._suspicious(request, reason, ended):
            return None
        # a cut connection may be the API's fault: other requests should show first that the proxy still works
        delay = 0.0 if route.once or reason not in CUT_CONNECTION else self.backoff.delay(0)
        stats.inc_value("tv/retry/count")
        stats.inc_value(f"tv/retry/{RETRY_REASON}")
        return meta.retry_copy(request, RETRY_REASON, delay)

    def _suspicious(self, request: Request, reason: str, ended: bool) -> bool:
        """Whether so many proxies failed at this request, while others worked, that it may be the cause."""
        number = meta.request_id(request) or 0
        self._failing.add(number)
        alone = len(self._failing) == 1 and bool(self._answers or meta.attempts(request))
        if reason not in AMBIGUOUS or (self.routes.is_failing and not ended):
            return False
        if ended:  # with one attempt a run, what alone keeps a crawl from its end is parked some day
            return alone
        known = self._suspicions.pop(number, None)
        suspicion = self._suspicions[number] = known or _Suspicion(self._answers)
        if len(self._suspicions) > REMEMBERED:
            self._suspicions.popitem(last=False)
        others_work = self._answers > suspicion.answers
        suspicion.routes += bool(known is None or others_work or alone)
        suspicion.answers = self._answers
        return suspicion.routes > SUSPECTS

    def _end_if_hopeless(self) -> bool:
        reason = None if self.shared.direct else self.routes.stop_reason()
        if reason is None:
            return False
        context_of(self.crawler).end(reason)
        return True
