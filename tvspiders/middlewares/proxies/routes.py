"""The exits of one crawl, made from environment and settings; shared by middleware and download handler."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Container
from functools import partial
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from tvspiders import meta
from tvspiders.errors import ConfigProblem
from tvspiders.middlewares.in_flight import requests_in_flight
from tvspiders.policies.proxies.address import Gateway, Proxies
from tvspiders.policies.proxies.health import DIRECT, Cooldowns, OutageDetector, ProxyRoute, ProxyRoutes
from tvspiders.policies.proxies.sessions import SessionPool
from tvspiders.policies.security.origin import Origin
from tvspiders.policies.security.redaction import install_redaction

BUSY = 1.0
"""Seconds between two looks for a free exit, should nobody tell."""


class CrawlProxies:
    """What the components of one crawl share; holds credentials, so it is never logged or stored."""

    def __init__(
        self, exits: ProxyRoutes, *, direct: bool, under_way: Callable[[], Container[Request]]
    ) -> None:
        self.exits = exits
        self.direct = direct
        """Whether requests may go without a proxy while all rest."""
        self._under_way = under_way
        self.used: WeakKeyDictionary[Request, ProxyRoute] = WeakKeyDictionary()
        self._freed = asyncio.Event()

    def take(self, token: str, request: Request) -> ProxyRoute | None:
        """An exit for a request with this token, ``None`` when none is free now."""
        # a page that is looked at twice goes another way than the first time
        again = meta.extra_reason(request) == "second-look"
        exit_ = self.exits.take(f"{token}-again" if again else token, request)
        if exit_ is None and self.direct and self.exits.wait() > 0:
            exit_ = DIRECT
        if exit_ is not None:
            self.used[request] = exit_
        return exit_

    def release(self, exit_: ProxyRoute, request: Request) -> None:
        """The request came to its end; those who wait look again."""
        self.exits.release(exit_, request)
        self._freed.set()
        self._freed = asyncio.Event()

    async def change(self, stopping: asyncio.Event) -> None:
        """Wait until an exit may be free, or until the crawl stops."""
        if self._free_lost():
            return
        rest = self.exits.wait()
        tasks = [asyncio.ensure_future(event.wait()) for event in (self._freed, stopping)]
        try:
            await asyncio.wait(
                tasks, timeout=max(BUSY, rest) if rest else BUSY, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in tasks:
                task.cancel()

    def _free_lost(self) -> bool:
        """Give back the place of each request that was replaced or dropped before its end was weighed.

        A redirect does that where redirects are followed; a reference somewhere may keep the
        request alive, and who waits for the only exit left would wait for ever.
        """
        under_way = self._under_way()
        lost = [request for request in self.used if request not in under_way]
        for request in lost:
            self.exits.release(self.used.pop(request), request)
        return bool(lost)


_SHARED: WeakKeyDictionary[Crawler, CrawlProxies] = WeakKeyDictionary()


def share_proxies(crawler: Crawler, exits: ProxyRoutes) -> CrawlProxies:
    """Make the exits known to the download handler."""
    direct = crawler.settings.get("TV_PROXY_FALLBACK") == "direct"
    _SHARED[crawler] = CrawlProxies(exits, direct=direct, under_way=partial(requests_in_flight, crawler))
    return _SHARED[crawler]


def proxies_of(crawler: Crawler) -> CrawlProxies | None:
    """The crawl's exits, ``None`` when requests go directly.

    Raises:
        ConfigProblem: when proxies are configured and no middleware watches over them.

    """
    shared = _SHARED.get(crawler)
    if shared is None and configured_proxies(crawler.settings) is not None:
        raise ConfigProblem("proxies are configured, but ProxyMiddleware is not loaded")
    return shared


def configured_proxies(settings: BaseSettings) -> Proxies | None:
    """What the environment names, ``None`` when no proxy is to be used; its secrets are masked from now on.

    Raises:
        ConfigProblem: for addresses that cannot be used, or that do not fit the settings.

    """
    if settings.get("TV_PROXY_MODE") == "off":
        return None
    proxies = Proxies.from_environment(os.environ)
    if proxies is None:
        return None
    install_redaction(proxies.secrets(), proxies.names(), told_api=False)
    countries = country_codes(settings)
    has_country = proxies.gateway is not None and proxies.gateway.has_country
    if has_country and not countries:
        raise ConfigProblem("THINGIVERSE_PROXY has {country}; say which with TV_PROXY_COUNTRY, like us,de")
    if countries and not has_country:
        raise ConfigProblem("TV_PROXY_COUNTRY is set, but THINGIVERSE_PROXY has no {country}")
    origin = Origin.of_api(str(settings["THINGIVERSE_API_URL"]))
    here = (_plain(origin.host), origin.port)
    itself = all(here == (_plain(address.host), address.port) for address in proxies.places)
    if origin.scheme == "http" and not itself:
        raise ConfigProblem(
            "THINGIVERSE_API_URL is http://, so a proxy would read the token; proxies need https://"
        )
    return proxies


def _plain(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host


def country_codes(settings: BaseSettings) -> list[str]:
    """The countries of ``TV_PROXY_COUNTRY``."""
    given = str(settings.get("TV_PROXY_COUNTRY") or "none").replace(" ", "")
    return [] if given == "none" else [code for code in given.split(",") if code]


def gateway_pool(gateway: Gateway, settings: BaseSettings, clock: Callable[[], float]) -> SessionPool:
    """The sessions of a gateway, by the settings."""
    return SessionPool(
        gateway,
        clock,
        sticky=settings.get("TV_PROXY_MODE") == "sticky",
        countries=country_codes(settings),
        lifetime=settings.getfloat("TV_PROXY_LIFETIME"),
        most=settings.getint("TV_PROXY_SESSIONS"),
        rests=cooldowns_of(settings),
        trouble=outage_detector_of(settings),
    )


def cooldowns_of(settings: BaseSettings) -> Cooldowns:
    """How long exits rest."""
    return Cooldowns(settings.getfloat("TV_PROXY_REST"))


def outage_detector_of(settings: BaseSettings) -> OutageDetector:
    """When to give up."""
    return OutageDetector(settings.getfloat("TV_PROXY_PATIENCE"))
