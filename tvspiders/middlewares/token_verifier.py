"""Verify tokens after a 401: does it blame the token, or the request?."""

from __future__ import annotations

import asyncio
import logging

from scrapy import Request
from scrapy.crawler import Crawler

from tvspiders import meta
from tvspiders.api.answers import Verdict
from tvspiders.middlewares.quota import quota_of
from tvspiders.policies.backoff import Backoff
from tvspiders.policies.quota.suspect_tokens import SuspectTokens
from tvspiders.steady_clock import steady

logger = logging.getLogger(__name__)

ACCEPTED = (Verdict.OK, Verdict.FORBIDDEN, Verdict.GONE, Verdict.HIDDEN)
"""Answers that the API only gives to a token that it knows."""


class TokenVerifier:
    """Verifies suspect tokens with ``/users/me``, only when the answer changes what happens next.

    It does when a request was refused with two tokens, or when no token is left; it costs one request of
    the token's quota. A revoked token among good ones is never verified. Only a second 401 proves a token
    dead. An outage says nothing: the token is verified again after a growing pause, while other requests
    are answered. With no token left, ``TV_MAX_ATTEMPTS`` verifications of each are waited for, and not
    longer than the crawl runs.

    Settings: ``TV_MAX_ATTEMPTS``, ``TV_RETRY_BASE``, ``TV_RETRY_CAP``, ``TV_BLOCK_PAUSE``.
    """

    def __init__(self, crawler: Crawler, backoff: Backoff) -> None:
        self._crawler = crawler
        self._pool = quota_of(crawler).pool
        self._me = str(crawler.settings["THINGIVERSE_API_URL"]).rstrip("/") + "/users/me"
        self._most = max(1, crawler.settings.getint("TV_MAX_ATTEMPTS"))
        self._block_pause = crawler.settings.getfloat("TV_BLOCK_PAUSE")
        self._backoff = backoff
        self._suspects = SuspectTokens()
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._failed: dict[str, int] = {}
        self._due: dict[str, float] = {}

    @property
    def undecided(self) -> bool:
        """Whether the API failed to say of a refused token whether it is dead."""
        return any(label in self._due for label in self._suspects.labels())

    def note_answer(self, request: Request) -> None:
        """Note a request that the API answered: a good moment for a verification that failed."""
        if not self._suspects:
            return
        self._suspects.answered(_name(request))
        for label in self._suspects.labels():
            if label in self._due and self._due[label] <= steady():
                self._verification(label)

    async def blames_request(self, request: Request) -> bool:
        """Whether a request was refused though its token is good; tokens cleared by that are used again."""
        label, name = request.meta[meta.LABEL], _name(request)
        elsewhere = self._suspects.refused(label, name)
        if self._pool.live() and not elsewhere:
            return False
        with self._pool.verifying():
            for _ in range(self._most):
                if not self._pool.live():
                    await self._pool.wait_for_token(self._wait())
                    if self._pool.live() or self._pool.stopping.is_set():
                        break
                if label in self._suspects.labels() and await self._is_good(label):
                    for cleared in self._suspects.accepted(label, name):
                        self._restore(cleared)
                    return True
                for other in self._suspects.labels():
                    if not self._pool.live():
                        await self._is_good(other)
                if self._pool.live() or not self._suspects:
                    break
        return False

    async def _is_good(self, label: str) -> bool:
        """Whether the API accepts the token; one verification at a time serves all who wait for it."""
        if label not in self._running and self._due.get(label, 0.0) > steady():
            return False
        return await asyncio.shield(self._verification(label))

    def _verification(self, label: str) -> asyncio.Task[bool]:
        if label not in self._running:
            self._running[label] = asyncio.create_task(self._verify(label))
        return self._running[label]

    async def _verify(self, label: str) -> bool:
        try:
            verdict = await self._ask(label)
        finally:
            del self._running[label]
        if verdict in ACCEPTED:
            self._suspects.verified(label)
            self._restore(label)
            return True
        if verdict is Verdict.UNAUTHORIZED:
            self._suspects.verified(label)
        elif not self._pool.stopping.is_set():
            self._postpone(label, verdict)
        return False

    def _postpone(self, label: str, verdict: Verdict | None) -> None:
        failed = self._failed.get(label, 0)
        delay = self._backoff.delay(failed)
        if verdict is Verdict.BLOCKED:
            delay = max(delay, self._block_pause)
        self._failed[label], self._due[label] = failed + 1, steady() + delay
        said = "no answer" if verdict is None else verdict.value
        logger.warning("could not verify %s (%s); retrying in %d s", label, said, delay)

    def _restore(self, label: str) -> None:
        self._failed.pop(label, None)
        self._due.pop(label, None)
        self._pool.restore(label)

    async def _ask(self, label: str) -> Verdict | None:
        """The verdict on one request; ``None`` when there was no answer."""
        engine = self._crawler.engine
        if engine is None or self._pool.stopping.is_set():
            return None
        request = Request(self._me, meta={meta.PROOF: label}, dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Exception as error:
            logger.debug("could not verify %s: %s", label, type(error).__name__)
            return None
        # asked again behind proxies, where a proxy lost it: then another request was answered
        answer = meta.answer(response.request or request)
        return answer.verdict if answer is not None else None

    def _wait(self) -> float:
        """Seconds until the first suspect token may be verified again."""
        due = [self._due.get(label, 0.0) for label in self._suspects.labels()]
        return max(0.0, min(due, default=0.0) - steady())


def _name(request: Request) -> str:
    return f"{request.method} {request.url}"
