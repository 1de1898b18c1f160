"""Decide what follows from an answer that is none, and from no answer at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api.answers import Answer, Verdict
from tvspiders.errors import StorageProblem
from tvspiders.middlewares.network import failure_name
from tvspiders.middlewares.quota import end_crawl, quota_of
from tvspiders.middlewares.token_proof import TokenProof
from tvspiders.policies.backoff import Backoff
from tvspiders.policies.quota.block_backoff import BlockBackoff
from tvspiders.policies.quota.waiting import NoTokens
from tvspiders.steady_clock import steady

logger = logging.getLogger(__name__)

FIRST_TRIES = 3
"""Quick tries before an API that never answered counts as unreachable."""
FIRST_PAUSE = 0.1


class TvRetryMiddleware:
    """Return what failed to the scheduler, which asks again later; nothing sleeps in a download slot.

    A refusal for quota, a retired token and a block count no attempt: they
    blame neither the subject nor the API. A 401 though the token is good passes on, to
    be parked. Everything else counts one, and after
    ``TV_MAX_ATTEMPTS`` the answer (or the exception) passes on, to be parked.

    Settings: ``TV_MAX_ATTEMPTS``, ``TV_RETRY_BASE``, ``TV_RETRY_CAP``, ``TV_BLOCK_PAUSE``,
    ``TV_BLOCK_LIMIT``. Stats: ``tv/retry/…``, ``tv/breaker/…``. Close reasons:
    ``no_token``, ``unproven``, ``blocked``, ``unreachable``, ``certificate``, ``storage``.
    """

    def __init__(self, crawler: Crawler, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.pool = quota_of(crawler).pool
        self.most = settings.getint("TV_MAX_ATTEMPTS", 5)
        self.backoff = Backoff(
            settings.getfloat("TV_RETRY_BASE", 2.0), settings.getfloat("TV_RETRY_CAP", 300.0)
        )
        self.blocks = BlockBackoff(
            settings.getfloat("TV_BLOCK_PAUSE", 60.0), settings.getint("TV_BLOCK_LIMIT", 4)
        )
        self.proof = TokenProof(crawler, self.backoff)
        self.answered = False
        self.first_failures = 0
        self._sleep = sleep

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> TvRetryMiddleware:
        """Build from settings."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Let usable answers pass; send the others back with what the verdict demands."""
        if meta.verified_token(request) or meta.RENDERED in response.flags:
            return response
        answer = meta.classified(request)
        self.answered = True
        match answer.verdict:
            case Verdict.LIMITED:
                return self._again(request, "limited")
            case Verdict.UNAUTHORIZED:
                return await self._unauthorized(request, response)
            case Verdict.BLOCKED:
                return self._blocked(request, answer)
            case Verdict.BROKEN:
                if 300 <= response.status < 400:
                    self._count("tv/redirects/refused")
                return self._failed(request, answer.reason, self._asked_to_wait(answer)) or response
        self.blocks.over()
        self.proof.answered(request)
        if self.pool.succeeded():
            logger.info("the API answers again; back to the full rate")
        return response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Send what the network lost back; everything else passes on."""
        if meta.verified_token(request):
            return None
        if isinstance(exception, NoTokens):
            self._end_without_token()
            return self._again(request, "no-token")
        if isinstance(exception, StorageProblem):
            self._end("storage", str(exception))
            return self._again(request, "storage")
        reason = failure_name(exception)
        if reason is None:
            return None
        if not self.answered:
            return await self._first_contact(request, reason)
        return self._failed(request, reason)

    async def _first_contact(self, request: Request, reason: str) -> Request | None:
        """Fail fast where nothing was ever answered: a wrong URL, no network, a wrong certificate."""
        if reason == "certificate":
            self._end("certificate", "the certificate of the API is not valid; nothing was sent to it")
            return self._again(request, reason)
        self.first_failures += 1
        if reason not in ("refused", "dns", "connection"):
            return self._failed(request, reason)
        if self.first_failures >= FIRST_TRIES:
            self._end("unreachable", f"the API cannot be reached ({reason}); is THINGIVERSE_API_URL right?")
        else:
            await self._sleep(FIRST_PAUSE)
        return self._again(request, reason)

    def _asked_to_wait(self, answer: Answer) -> float:
        """Seconds for which a 5xx asks to be left alone, within ``TV_RETRY_CAP``; we ask nothing then."""
        wait = min(float(answer.retry_after or 0), self.backoff.cap) if answer.status >= 500 else 0.0
        if wait:
            self.pool.pause(wait)
            logger.info("%s asks to wait; nothing is asked for %d seconds", answer.reason, wait)
        return wait

    def _failed(self, request: Request, reason: str, wait: float = 0.0) -> Request | None:
        if self.pool.failed():
            self._count("tv/breaker/opened")
            logger.warning("most answers fail (%s); asking a tenth as often until they do not", reason)
        attempts = meta.attempts(request)
        if attempts + 1 >= self.most:
            self._count_given_up(reason)
            return None
        return self._again(request, reason, max(wait, self.backoff.delay(attempts)), attempt=True)

    async def _unauthorized(self, request: Request, response: Response) -> Request | Response:
        if await self.proof.blames_request(request):
            self._count_given_up("unauthorized")
            return response
        if not self.pool.live() and not self.pool.stopping.is_set():
            self._end_without_token()
        return self._again(request, "unauthorized")

    def _blocked(self, request: Request, answer: Answer) -> Request:
        pause, over = self.blocks.met(steady())
        if pause:
            self._count("tv/blocks")
            self.pool.pause(pause)
            logger.warning("blocked (%s); nothing is asked for %d seconds", answer.reason, pause)
        if over:
            self._end("blocked", "still blocked after several pauses; the state is saved, go on another day")
        return self._again(request, "blocked", pause)

    def _again(self, request: Request, reason: str, delay: float = 0.0, attempt: bool = False) -> Request:
        self._count("tv/retry/count")
        self._count(f"tv/retry/{reason}")
        return meta.retry_copy(request, reason, delay, attempt=attempt)

    def _end_without_token(self) -> None:
        if self.proof.undecided:
            line = "the API refused every token, and failed when it was asked whether they are valid"
            self._end("unproven", f"{line}; run the same command later")
            return
        self._end(
            "no_token", "no token is left; put a valid one into THINGIVERSE_TOKEN and run the same command"
        )

    def _end(self, reason: str, line: str) -> None:
        if not self.pool.stopping.is_set():
            logger.error("%s", line)
        end_crawl(self.crawler, reason)

    def _count_given_up(self, reason: str) -> None:
        self._count(f"tv/retry/given_up/{reason}")

    def _count(self, name: str) -> None:
        self.crawler.stats.inc_value(name)
