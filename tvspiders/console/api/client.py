"""A question or two to the API outside a crawl, counted in the same quota."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from tvspiders.api import answers
from tvspiders.api.answers import Answer, Verdict
from tvspiders.checks.final_settings import check_origin
from tvspiders.console.api.background import in_background
from tvspiders.console.api.transport import TIMEOUT, Unconnected, fetch, ways_out, why
from tvspiders.errors import ConfigProblem, NoReply, NotSent
from tvspiders.middlewares.quota_store import SqlQuotaStore
from tvspiders.policies.quota.limit import parse_quota
from tvspiders.policies.quota.pool import TokenPool
from tvspiders.policies.quota.store import QuotaStore
from tvspiders.policies.security.proxy_address import DIRECT, Route
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.steady_clock import steady
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import prepare_schema

DEADLINE = 1.5 * TIMEOUT
"""Seconds for a whole answer; ``TIMEOUT`` is for each step of it."""
LARGEST = 32 * 1024 * 1024
"""Bytes of one answer at most."""


@dataclass(frozen=True)
class Reply:
    """A classified answer and the headers that came with it."""

    answer: Answer
    headers: Mapping[str, str]
    seconds: float = 0.0
    """From the first byte sent to the last one received, the wait for quota left out."""


class NoAnswer(ConfigProblem):
    """The API could not be reached (raised by ``ApiAsker``); ``why`` says it shorter."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


class NeverLeft(NoAnswer, NotSent):
    """No proxy had a connection."""


class NeverAnswered(NoAnswer, NoReply):
    """The request left by one proxy at least."""


class ApiAsker:
    """Sends single requests with the tokens of ``source``; follows no redirect, keeps nothing.

    Raises ``NotSent`` when the API cannot be reached, and ``NoReply`` when a request that may have changed
    something got no answer.
    """

    def __init__(
        self, settings: BaseSettings, source: TokenSource, ways: Sequence[Route] | None = None
    ) -> None:
        """``ways`` are the routes to try; without them, those of the environment."""
        self._base = str(settings["THINGIVERSE_API_URL"]).rstrip("/")
        self._agent = str(settings["USER_AGENT"])
        check_origin("THINGIVERSE_API_URL", self._base)
        self._ways = list(ways) if ways else ways_out(settings)
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
        """Ask one path below the API's address."""
        return await self.send("GET", path)

    async def send(self, method: str, path: str) -> Reply:
        """Send one request without a body; one that changes something is not sent again by another way."""
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
        """Give back what was not used, and close the database."""
        await self._pool.close()
        self.engine.dispose()

    async def _through(self, method: str, url: str, secret: str) -> Reply:
        """Ask through the proxy that answered last, else through the others."""
        sent = {
            "Authorization": f"Bearer {secret}",
            "User-Agent": self._agent,
            "Accept": "application/json",
        }
        problem, left = "", False
        for way in list(self._ways):
            began = time.monotonic()
            try:
                async with asyncio.timeout(DEADLINE):
                    status, headers, body = await in_background(
                        lambda way=way: fetch(url, sent, way, LARGEST, method)  # type: ignore[misc]
                    )
            except Unconnected as error:
                problem = why(error.error)
            except (OSError, http.client.HTTPException) as error:
                problem, left = why(error), True
            else:
                return Reply(answers.read(status, headers, body), headers, time.monotonic() - began)
            self._ways.append(self._ways.pop(0))
            if left and method != "GET":
                raise NeverAnswered(f"the API did not answer ({problem})", problem)
        if self._ways[0] is DIRECT:
            where, advice = f"at {urlsplit(url).hostname}", "check the network and THINGIVERSE_API_URL"
        else:
            where, advice = "through any proxy", "scrapy proxy checks them"
        failed = NeverAnswered if left else NeverLeft
        raise failed(f"the API cannot be reached {where} ({problem}); {advice}", problem)
