"""The routes of one crawl, made from environment and settings; shared by middleware and download handler."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from typing import Any
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from tvspiders import meta
from tvspiders.crawl import context_of
from tvspiders.extras.proxies.health import Cooldowns, OutageDetector, ProxyRoute, ProxyRoutes
from tvspiders.extras.proxies.sessions import SessionPool, SessionRules
from tvspiders.extras.proxies.tunnel import ProxyAgent
from tvspiders.middlewares.proxies import country_codes
from tvspiders.policies.security.proxy_address import DIRECT, Gateway, ProxyAddress, Route

POLL_SECONDS = 1.0
"""Seconds between two checks for a free route, where no event reports one."""


class CrawlProxies:
    """What the components of one crawl share; holds credentials, so it is never logged or stored."""

    def __init__(
        self, routes: ProxyRoutes, *, direct: bool, downloading: Callable[[], Container[Request]]
    ) -> None:
        self.routes = routes
        self.direct = direct
        """Whether requests may go without a proxy while all cool down."""
        self._downloading = downloading
        self.used: WeakKeyDictionary[Request, Route] = WeakKeyDictionary()
        self._freed = asyncio.Event()

    def take(self, token: str, request: Request) -> Route | None:
        """A route for a request with this token, ``None`` when none is free now."""
        # a page that is requested twice uses another route than the first time
        again = meta.extra_reason(request) == "second-look"
        route: Route | None = self.routes.take(f"{token}-again" if again else token, request)
        if route is None and self.direct and self.routes.wait() > 0:
            route = DIRECT
        if route is not None:
            self.used[request] = route
        return route

    def release(self, route: ProxyRoute, request: Request) -> None:
        """The request has ended; waiting requests check again."""
        self.routes.release(route, request)
        self._freed.set()
        self._freed = asyncio.Event()

    def agent(self, proxy: ProxyAddress, **options: Any) -> ProxyAgent:
        """Scrapy's client through a proxy."""
        return ProxyAgent(proxy, **options)

    async def change(self, stopping: asyncio.Event) -> None:
        """Wait until a route may be free, or until the crawl stops."""
        if self._release_lost():
            return
        cooldown = self.routes.wait()
        tasks = [asyncio.ensure_future(event.wait()) for event in (self._freed, stopping)]
        try:
            await asyncio.wait(
                tasks,
                timeout=max(POLL_SECONDS, cooldown) if cooldown else POLL_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for task in tasks:
                task.cancel()

    def _release_lost(self) -> bool:
        """Free the place of each request that was replaced or dropped before its outcome was noted.

        A redirect does that where redirects are followed; a reference somewhere may keep the
        request alive, and a request waiting for the only route left would wait for ever.
        """
        downloading = self._downloading()
        lost = [request for request in self.used if request not in downloading]
        for request in lost:
            route = self.used.pop(request)
            if isinstance(route, ProxyRoute):
                self.routes.release(route, request)
        return bool(lost)


def share_proxies(crawler: Crawler, routes: ProxyRoutes) -> CrawlProxies:
    """Make the routes known to the download handler."""
    direct = crawler.settings.get("TV_PROXY_FALLBACK") == "direct"
    context = context_of(crawler)
    shared = CrawlProxies(routes, direct=direct, downloading=lambda: context.downloading)
    context.proxies = shared
    return shared


def gateway_pool(gateway: Gateway, settings: BaseSettings, clock: Callable[[], float]) -> SessionPool:
    """The sessions of a gateway, by the settings."""
    return SessionPool(
        gateway,
        clock,
        rules=SessionRules(
            sticky=settings.get("TV_PROXY_MODE") == "sticky",
            countries=country_codes(settings),
            lifetime=settings.getfloat("TV_PROXY_LIFETIME"),
            most=settings.getint("TV_PROXY_SESSIONS"),
        ),
        cooldowns=cooldowns_of(settings),
        outage=outage_detector_of(settings),
    )


def cooldowns_of(settings: BaseSettings) -> Cooldowns:
    """How long proxies cool down after failures."""
    return Cooldowns(settings.getfloat("TV_PROXY_REST"))


def outage_detector_of(settings: BaseSettings) -> OutageDetector:
    """When the crawl stops because no proxy works."""
    return OutageDetector(settings.getfloat("TV_PROXY_PATIENCE"))
