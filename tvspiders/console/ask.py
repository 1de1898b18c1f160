"""A question or two to the API outside a crawl, counted in the same quota."""

from __future__ import annotations

import asyncio
import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from tvspiders.api import answers
from tvspiders.api.answers import Answer, Verdict
from tvspiders.console.preflight import check_origin
from tvspiders.errors import ConfigProblem
from tvspiders.middlewares.quota_store import SqlQuotaStore
from tvspiders.policies.pool import TokenPool
from tvspiders.policies.quota import parse_quota
from tvspiders.policies.store import QuotaStore
from tvspiders.policies.tokens import TokenSource
from tvspiders.storage.engine import open_engine
from tvspiders.storage.schema import prepare_schema

TIMEOUT = 20.0
"""Seconds for one answer."""
LARGEST = 32 * 1024 * 1024
"""Bytes of one answer at most."""


@dataclass(frozen=True)
class Reply:
    """A classified answer and the headers that came with it."""

    answer: Answer
    headers: Mapping[str, str]


class ApiAsker:
    """Sends single GETs with the tokens of ``source``; follows no redirect, keeps nothing.

    Raises ``ConfigProblem`` when the API cannot be reached or no token is left.
    """

    def __init__(self, settings: BaseSettings, source: TokenSource) -> None:
        self._base = str(settings["THINGIVERSE_API_URL"]).rstrip("/")
        self._agent = str(settings["USER_AGENT"])
        check_origin("THINGIVERSE_API_URL", self._base)
        engine = open_engine(str(settings["DATABASE_URL"]))
        prepare_schema(engine, patience=1.0)
        quota = parse_quota(str(settings["TV_QUOTA"]))
        store: QuotaStore = SqlQuotaStore(engine, quota, settings.getbool("TV_QUOTA_SPREAD"))
        self._pool = TokenPool(source, store, time.monotonic)

    async def get(self, path: str) -> Reply:
        """Ask one path below the API's address."""
        grant = await self._pool.acquire()
        secret = self._pool.depart(grant).reveal()
        reply = await asyncio.to_thread(self._fetch, self._base + path, secret)
        if reply.answer.verdict is Verdict.LIMITED:
            await self._pool.refused(grant, reply.answer.retry_after)
        else:
            self._pool.settle(grant, served=reply.answer.verdict is not Verdict.BLOCKED)
        return reply

    async def close(self) -> None:
        """Give back what was not used."""
        await self._pool.close()

    def _fetch(self, url: str, secret: str) -> Reply:
        parts = urlsplit(url)
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT, context=context)
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {
            "Authorization": f"Bearer {secret}",
            "User-Agent": self._agent,
            "Accept": "application/json",
        }
        try:
            connection.request("GET", target, headers=sent)
            response = connection.getresponse()
            headers = dict(response.getheaders())
            return Reply(answers.read(response.status, headers, response.read(LARGEST)), headers)
        except (OSError, http.client.HTTPException) as error:
            raise ConfigProblem(
                f"the API at {parts.hostname} cannot be reached ({type(error).__name__}); "
                "check the network and THINGIVERSE_API_URL"
            ) from None
        finally:
            connection.close()
