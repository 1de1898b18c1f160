"""Let requests leave through exits that work, and blame the exit for what only the exit did."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from tvspiders import meta
from tvspiders.middlewares.proxies.bans import ProxyBanPolicy
from tvspiders.middlewares.proxies.routes import configured_proxies, gateway_pool, share_proxies
from tvspiders.middlewares.quota import CrawlStopping, end_crawl, quota_of
from tvspiders.policies.backoff import Backoff
from tvspiders.policies.proxies.health import CUT, DIRECT, ProxyRoute, ProxyRoutes
from tvspiders.steady_clock import steady

logger = logging.getLogger(__name__)

SUSPECTS = 3
"""Exits that must fail at one request, while others work, before the request counts an attempt."""
REMEMBERED = 10_000
"""Requests whose failures are remembered."""
BLAMED = "proxy"
"""Reason of a request that goes back for an exit's sake."""
AMBIGUOUS = ("timeout", "connection", "truncated")
"""Failures that the API may have caused as well; all others happened before it saw the request."""
LINES = {
    "proxies": "no proxy answers any more; the state is saved, and the same command goes on",
    "proxy_unreachable": "no proxy can be reached; is THINGIVERSE_PROXY right?",
    "proxy_login": "the proxies refuse user name or password (407); no token was sent",
    "proxy_certificate": "the proxies answer in the API's place with a certificate of their own; "
    "no token was sent",
}
"""What is logged when the crawl ends for a proxy's sake, by close reason."""


@dataclass
class _Suspicion:
    """How often a request failed while others did not."""

    answers: int
    """Answers to all requests when it failed last."""
    exits: int = 0


class ProxyMiddleware:
    """Hold requests while all exits rest, and send back without an attempt what failed on the way.

    The exit itself is chosen by the download handler, when the token is known.
    Above the quota, so that no slot is held while all exits rest, and below the
    retries, which so never blame the API for an exit. Of a list of proxies
    :class:`~tvspiders.middlewares.proxies.rotating_list.ListProxyMiddleware` takes its place.

    Settings: ``TV_PROXY_MODE``, ``TV_PROXY_COUNTRY``, ``TV_PROXY_FALLBACK``, ``TV_PROXY_LIFETIME``,
    ``TV_PROXY_SESSIONS``, ``TV_PROXY_REST``, ``TV_PROXY_PATIENCE``, ``TV_RETRY_BASE``. Stats: ``tv/proxy/…``.
    Close reasons: ``proxies``, ``proxy_unreachable``, ``proxy_login``, ``proxy_certificate``.
    """

    def __init__(self, crawler: Crawler, exits: ProxyRoutes) -> None:
        self.crawler = crawler
        self.exits = exits
        self.shared = share_proxies(crawler, exits)
        self.pool = quota_of(crawler).pool
        self.bans = ProxyBanPolicy()
        settings = crawler.settings
        self.backoff = Backoff(settings.getfloat("TV_RETRY_BASE"), settings.getfloat("TV_RETRY_CAP"))
        self._suspicions: OrderedDict[int, _Suspicion] = OrderedDict()
        self._answers = 0
        self._failing: set[int] = set()
        self._blocked_row = 0
        self._said_direct = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProxyMiddleware:
        """Build from environment and settings; not configured without proxies."""
        proxies = configured_proxies(crawler.settings)
        if proxies is None:
            raise NotConfigured
        if proxies.gateway is not None:
            return ProxyMiddleware(crawler, gateway_pool(proxies.gateway, crawler.settings, steady))
        from tvspiders.middlewares.proxies.rotating_list import ListProxyMiddleware

        return ListProxyMiddleware(crawler, proxies.addresses)

    async def process_request(self, request: Request) -> None:
        """Wait while all exits rest.

        Raises:
            CrawlStopping: when the crawl stops, or is given up for want of an exit.

        """
        while self.exits.wait() > 0 and not self.shared.direct:
            self._end_if_hopeless()
            if self.pool.stopping.is_set():
                raise CrawlStopping("no proxy is free, and the crawl is stopping")
            await self.shared.change(self.pool.stopping)
        if self.shared.direct and self.exits.wait() > 0 and not self._said_direct:
            self._said_direct = True
            logger.warning("no proxy answers; going directly, as TV_PROXY_FALLBACK allows")

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Let answers of the API pass; what speaks against the exit sends the request back."""
        exit_ = self.shared.used.pop(request, None)
        if exit_ is None or exit_ is DIRECT:
            return response
        try:
            return self._weigh(request, response, exit_)
        finally:
            self.shared.release(exit_, request)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Send back what failed on the way to the API."""
        exit_ = self.shared.used.pop(request, None)
        if exit_ is None or exit_ is DIRECT:
            return None
        try:
            reason = self.bans.reason_of_exception(exception)
            return self._failed(request, exit_, reason) if reason else None
        finally:
            self.shared.release(exit_, request)

    def _weigh(self, request: Request, response: Response, exit_: ProxyRoute) -> Request | Response:
        reason = self.bans.reason_of_response(request, response)
        self._blocked_row = self._blocked_row + 1 if reason == "blocked" else 0
        if reason is None:
            self._suspicions.pop(meta.request_id(request) or 0, None)
            self._failing.clear()
            self._answers += 1
            self._said_direct = False
            self.exits.answered(exit_)
            return response
        if self._blocked_row > SUSPECTS:
            return response  # it is not this exit: the site means all of us, and that is taken as a no
        return self._failed(request, exit_, reason) or response

    def _failed(self, request: Request, exit_: ProxyRoute, reason: str) -> Request | None:
        rest = self.exits.failed(exit_, reason)
        stats = self.crawler.stats
        stats.inc_value(f"tv/proxy/{exit_.label}/bans")
        stats.inc_value(f"tv/proxy/bans/{reason}")
        logger.debug("%s rests for %d seconds (%s)", exit_.label, rest, reason)
        ended = self._end_if_hopeless()
        if not ended and (pause := self.exits.wait()) > 0 and not self.shared.direct:
            logger.info("all proxies rest; the next one is asked in %d seconds (%s)", pause + 1, reason)
        if not ended and reason == "certificate" and not exit_.once:
            logger.warning("%s has a certificate of its own in the API's place; it got no token", exit_.label)
        if self._suspicious(request, reason, ended):
            return None
        # a cut connection may be the API's doing: others should show first that the exit still works
        delay = 0.0 if exit_.once or reason not in CUT else self.backoff.delay(0)
        stats.inc_value("tv/retry/count")
        stats.inc_value(f"tv/retry/{BLAMED}")
        return meta.retry_copy(request, BLAMED, delay)

    def _suspicious(self, request: Request, reason: str, ended: bool) -> bool:
        """Whether so many exits failed at this request, while others worked, that it may be to blame."""
        number = meta.request_id(request) or 0
        self._failing.add(number)
        alone = len(self._failing) == 1 and bool(self._answers or meta.attempts(request))
        if reason not in AMBIGUOUS or (self.exits.doubtful and not ended):
            return False
        if ended:  # with one attempt a run, what alone keeps a crawl from its end is parked some day
            return alone
        known = self._suspicions.pop(number, None)
        suspicion = self._suspicions[number] = known or _Suspicion(self._answers)
        if len(self._suspicions) > REMEMBERED:
            self._suspicions.popitem(last=False)
        others_work = self._answers > suspicion.answers
        suspicion.exits += bool(known is None or others_work or alone)
        suspicion.answers = self._answers
        return suspicion.exits > SUSPECTS

    def _end_if_hopeless(self) -> bool:
        why = None if self.shared.direct else self.exits.verdict()
        if why is None:
            return False
        if not self.pool.stopping.is_set():
            logger.error("%s", LINES[why])
        end_crawl(self.crawler, why)
        return True
