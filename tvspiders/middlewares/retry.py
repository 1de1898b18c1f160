"""Retry failed responses and network errors by returning the request to the queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api.answers import Answer, Verdict
from tvspiders.crawl import context_of, limits_of
from tvspiders.errors import NoTokens, StorageProblem
from tvspiders.middlewares.network import failure_name
from tvspiders.middlewares.quota import quota_of
from tvspiders.middlewares.token_verifier import TokenVerifier
from tvspiders.policies.outcome import Cause, Failed, Received, Retry, decide
from tvspiders.policies.quota.pause import BlockBackoff
from tvspiders.steady_clock import steady

logger = logging.getLogger(__name__)

FIRST_ATTEMPTS = 3
"""Quick attempts before an API that never answered counts as unreachable."""
FIRST_PAUSE = 0.1
"""Seconds between them."""


class TvRetryMiddleware:
    """Return what failed to the queue, which sends it again later; nothing sleeps in a download slot.

    Whether and when, :func:`~tvspiders.policies.outcome.decide` says. What is not retried passes on to the
    callback, or to the errback.

    Settings: ``TV_MAX_ATTEMPTS``, ``TV_RETRY_BASE``, ``TV_RETRY_CAP``, ``TV_BLOCK_PAUSE``,
    ``TV_BLOCK_LIMIT``. Stats: ``tv/retry/…``, ``tv/breaker/…``. Close reasons:
    ``no_token``, ``unproven``, ``blocked``, ``unreachable``, ``certificate``, ``storage``.
    """

    def __init__(self, crawler: Crawler, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.pool = quota_of(crawler).pool
        self.limits = limits_of(settings)
        self.blocks = BlockBackoff(settings.getfloat("TV_BLOCK_PAUSE"), settings.getint("TV_BLOCK_LIMIT"))
        self.verifier = TokenVerifier(crawler, self.limits.backoff)
        self.answered = False
        """Whether the API has answered anything yet."""
        self.first_failures = 0
        self._sleep = sleep

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> TvRetryMiddleware:
        """Build from settings."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return what is to be retried to the queue; everything else passes on."""
        if meta.verified_token(request) or meta.RENDERED in response.flags:
            return response
        answer = meta.classified(request)
        self.answered = True
        match answer.verdict:
            case Verdict.LIMITED:
                came = Received(answer)
            case Verdict.UNAUTHORIZED:
                came = Received(answer, token_verified=await self._is_token_good(request))
            case Verdict.BLOCKED:
                came = Received(answer, self._pause_after_block(answer))
            case Verdict.BROKEN:
                if 300 <= response.status < 400:
                    self._count("tv/redirects/refused")
                came = Received(answer, self._pause_as_asked(answer))
                self._note_failure(answer.reason)
            case _:
                self._note_answer(request)
                return response
        return self._obey(request, came) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return what the network lost to the queue; everything else passes on."""
        if meta.verified_token(request):
            return None
        if isinstance(exception, NoTokens):
            self._end_without_token()
            return self._obey(request, Failed(Cause.OURS, "no-token"))
        if isinstance(exception, StorageProblem):
            self._end("storage", str(exception))
            return self._obey(request, Failed(Cause.OURS, "storage"))
        reason = failure_name(exception)
        if reason is None:
            return None
        if not self.answered and await self._is_first_contact(reason):
            return self._obey(request, Failed(Cause.OURS, reason))
        self._note_failure(reason)
        return self._obey(request, Failed(Cause.NETWORK, reason))

    def _obey(self, request: Request, came: Received | Failed) -> Request | None:
        """The copy that goes back to the queue; ``None`` for what passes on."""
        outcome = decide(came, meta.attempts(request), self.limits)
        if not isinstance(outcome, Retry):
            self._count(f"tv/retry/given_up/{outcome.reason}")
            return None
        reason = outcome.reason or "unknown"
        self._count("tv/retry/count")
        self._count(f"tv/retry/{reason}")
        return meta.retry_copy(request, reason, outcome.pause, attempt=outcome.counts)

    async def _is_first_contact(self, reason: str) -> bool:
        """Fail fast where nothing was ever answered: a wrong URL, no network, a wrong certificate.

        Returns whether the failure counts no attempt for that.
        """
        if reason == "certificate":
            self._end("certificate")
            return True
        self.first_failures += 1
        if reason not in ("refused", "dns", "connection"):
            return False
        if self.first_failures >= FIRST_ATTEMPTS:
            self._end("unreachable", reason)
        else:
            await self._sleep(FIRST_PAUSE)
        return True

    def _pause_as_asked(self, answer: Answer) -> float:
        """Pause all requests for as long as a 5xx asks, within ``TV_RETRY_CAP``; returns the seconds."""
        wait = min(float(answer.retry_after or 0), self.limits.backoff.cap) if answer.status >= 500 else 0.0
        if wait:
            self.pool.pause(wait)
            logger.info("%s asks to wait; pausing all requests for %d seconds", answer.reason, wait)
        return wait

    def _pause_after_block(self, answer: Answer) -> float:
        """Pause all requests, longer with each block in a row, and end the crawl after too many."""
        pause, over = self.blocks.blocked(steady())
        if pause:
            self._count("tv/blocks")
            self.pool.pause(pause)
            logger.warning("blocked (%s); pausing all requests for %d seconds", answer.reason, pause)
        if over:
            self._end("blocked")
        return pause

    async def _is_token_good(self, request: Request) -> bool:
        """Whether a 401 blames the request, and not its token; without a token left the crawl ends."""
        if await self.verifier.blames_request(request):
            return True
        if not self.pool.live() and not self.pool.stopping.is_set():
            self._end_without_token()
        return False

    def _note_failure(self, reason: str) -> None:
        """Count for the circuit breaker."""
        if self.pool.failed():
            self._count("tv/breaker/opened")
            logger.warning("high failure rate (%s): slowing down to 10 %% until responses succeed", reason)

    def _note_answer(self, request: Request) -> None:
        """The API itself has answered."""
        self.blocks.answered()
        self.verifier.note_answer(request)
        if self.pool.succeeded():
            logger.info("the API answers again; back to the full rate")

    def _end_without_token(self) -> None:
        self._end("unproven" if self.verifier.undecided else "no_token")

    def _end(self, reason: str, detail: str = "") -> None:
        context_of(self.crawler).end(reason, detail)

    def _count(self, name: str) -> None:
        self.crawler.stats.inc_value(name)
