"""Proxies as far as the core knows them: which are configured, and the route of each request.

The middleware that chooses proxies is the extra ``tvspiders/extras/proxies``.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any, Protocol

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from tvspiders.crawl import context_of
from tvspiders.errors import ConfigProblem
from tvspiders.extras import EXTRAS
from tvspiders.policies.security.origin import Origin
from tvspiders.policies.security.proxy_address import Proxies, ProxyAddress, Route
from tvspiders.policies.security.redaction import install_redaction


class CrawlRoutes(Protocol):
    """The routes of one crawl, as the download handler asks for them."""

    def take(self, token: str, request: Request) -> Route | None:
        """A route for a request with this token, ``None`` when none is free now."""

    async def change(self, stopping: asyncio.Event) -> None:
        """Wait until a route may be free, or until the crawl stops."""

    def agent(self, proxy: ProxyAddress, **options: Any) -> Any:
        """Scrapy's client through a proxy."""


def routes_of(crawler: Crawler) -> CrawlRoutes | None:
    """The crawl's routes, ``None`` when requests go directly.

    Raises:
        ConfigProblem: when proxies are configured and their middleware is not loaded.

    """
    routes = context_of(crawler).proxies
    if routes is None and configured_proxies(crawler.settings) is not None:
        raise ConfigProblem("proxies are configured, but ProxyMiddleware is not loaded")
    return routes


def configured_proxies(settings: BaseSettings) -> Proxies | None:
    """The proxies of the environment, ``None`` for none; their secrets are masked from now on.

    Raises:
        ConfigProblem: for addresses that cannot be used, or that do not fit the settings, and where the
            extra is missing: going directly instead would show the site an address that was to be hidden.

    """
    if settings.get("TV_PROXY_MODE") == "off":
        return None
    proxies = Proxies.from_environment(os.environ)
    if proxies is None:
        return None
    install_redaction(proxies.secrets(), proxies.names(), told_api=False)
    if "proxies" not in EXTRAS:
        raise ConfigProblem("THINGIVERSE_PROXY is set, and this copy has no extra 'proxies'; unset it")
    countries = country_codes(settings)
    has_country = proxies.gateway is not None and proxies.gateway.has_country
    if has_country and not countries:
        raise ConfigProblem("THINGIVERSE_PROXY has {country}; say which with TV_PROXY_COUNTRY, like us,de")
    if countries and not has_country:
        raise ConfigProblem("TV_PROXY_COUNTRY is set, but THINGIVERSE_PROXY has no {country}")
    origin = Origin.of_api(str(settings["THINGIVERSE_API_URL"]))
    here = (_plain(origin.host), origin.port)
    itself = all(here == (_plain(address.host), address.port) for address in proxies.endpoints)
    if origin.scheme == "http" and not itself:
        raise ConfigProblem(
            "THINGIVERSE_API_URL is http://, so a proxy would read the token; proxies need https://"
        )
    return proxies


def country_codes(settings: BaseSettings) -> list[str]:
    """The countries of ``TV_PROXY_COUNTRY``."""
    given = str(settings.get("TV_PROXY_COUNTRY") or "none").replace(" ", "")
    return [] if given == "none" else [code for code in given.split(",") if code]


def _plain(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host
