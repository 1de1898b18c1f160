"""The API's client outside of a crawl: single requests, counted in the same quota."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scrapy.settings import BaseSettings

from tvspiders.api import answers
from tvspiders.api.answers import Answer, Verdict
from tvspiders.checks.final_settings import check_origin
from tvspiders.console.api.http import send
from tvspiders.errors import NoReply, NotSent
from tvspiders.middlewares.proxies import configured_proxies, country_codes
from tvspiders.middlewares.quota_store import SqlQuotaStore
from tvspiders.policies.quota.limit import parse_quota
from tvspiders.policies.quota.pool import TokenPool
from tvspiders.policies.quota.store import QuotaStore
from tvspiders.policies.security.proxy_address import DIRECT, Route
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.steady_clock import steady
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import prepare_schema

TRIES = 3
"""Sessions of a gateway to try."""


@dataclass(frozen=True)
class Reply:
    """A classified response and its headers."""

    answer: Answer
    headers: Mapping[str, str]
    seconds: float = 0.0
    """From connecting to the last byte, the wait for quota left out."""


class ApiClient:
    """Send single requests with the tokens of ``source``; no redirect is followed, nothing is stored.

    Raises ``NotSent`` when the API cannot be reached, and ``NoReply`` when a request was sent and got no
    response.
    """

    def __init__(
        self, settings: BaseSettings, source: TokenSource, routes: Sequence[Route] | None = None
    ) -> None:
        """``routes`` are tried one after the other; without them, those of the environment."""
        self._base = str(settings["THINGIVERSE_API_URL"]).rstrip("/")
        self._agent = str(settings["USER_AGENT"])
        check_origin("THINGIVERSE_API_URL", self._base)
        self._routes = list(routes) if routes else proxy_routes(settings)
        quota = parse_quota(str(settings["TV_QUOTA"]))
        self.engine = engine = open_engine(str(settings["DATABASE_URL"]))
        """The database, with our tables."""
        try:
            prepare_schema(engine, patience=1.0)
        except BaseException:
            engine.dispose()
            raise
        store: QuotaStore = SqlQuotaStore(engine, quota, settings.getbool("TV_QUOTA_SPREAD"))
        self._pool = TokenPool(source, store, steady)

    async def get(self, path: str) -> Reply:
        """Request one path below the API's address."""
        return await self.send("GET", path)

    async def send(self, method: str, path: str) -> Reply:
        """Send one request without a body; one that changes something is not sent again by another route."""
        grant = await self._pool.acquire()
        secret = self._pool.depart(grant).reveal()
        try:
            reply = await self._through(method, self._base + path, secret)
        except BaseException as error:
            (self._pool.unsent if isinstance(error, NotSent) else self._pool.give_back)(grant)
            raise
        if reply.answer.verdict is Verdict.LIMITED:
            await self._pool.refused(grant, reply.answer.retry_after)
        else:
            self._pool.record(grant, served=reply.answer.verdict is not Verdict.BLOCKED)
        return reply

    async def close(self) -> None:
        """Return unused slots, and close the database."""
        await self._pool.close()
        self.engine.dispose()

    async def _through(self, method: str, url: str, secret: str) -> Reply:
        """Send by the route that worked last, else by the others."""
        headers = {
            "Authorization": f"Bearer {secret}",
            "User-Agent": self._agent,
            "Accept": "application/json",
        }
        problem, sent = "", False
        for route in list(self._routes):
            began = time.monotonic()
            try:
                response = await send(method, url, headers, what="the API/THINGIVERSE_API_URL", route=route)
            except NotSent as error:
                problem, message = error.why, str(error)
            except NoReply as error:
                problem, message, sent = error.why, str(error), True
            else:
                answer = answers.read(response.status, response.headers, response.body)
                return Reply(answer, response.headers, time.monotonic() - began)
            self._routes.append(self._routes.pop(0))
            if sent and method != "GET":
                raise NoReply(f"the API did not answer ({problem})", problem)
        if self._routes[0] is not DIRECT:
            message = f"the API cannot be reached through any proxy ({problem}); scrapy proxy checks them"
        raise (NoReply if sent else NotSent)(message, problem)


def proxy_routes(settings: BaseSettings) -> list[Route]:
    """The routes to try, one after the other; the direct one without proxies, or as the last one allowed.

    Raises:
        ConfigProblem: for proxies that cannot be used.

    """
    proxies = configured_proxies(settings)
    if proxies is None:
        return [DIRECT]
    routes = [Route(f"exit-{number}", address) for number, address in enumerate(proxies.addresses, 1)]
    if proxies.gateway is not None:
        countries = country_codes(settings)
        for number in range(TRIES):
            country = countries[number % len(countries)] if countries else None
            address = proxies.gateway.session(secrets.token_hex(5), country)
            routes.append(Route(f"gateway-{country}" if country else "gateway", address))
    return [*routes, DIRECT] if settings.get("TV_PROXY_FALLBACK") == "direct" else routes
