"""Find out whether a 401 blames the token or the request."""

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


class TokenProof:
    """Keeps the doubts about refused tokens, and settles them with one question where they matter.

    They matter when a request was refused with two tokens, or when no token is
    left: then ``/users/me`` is asked with the token in doubt, which costs one
    request of its quota. A revoked token among good ones is never asked again.
    Only a second 401 proves a token dead. An outage says nothing: the token rests and is
    asked again, at growing distances, while other requests are answered. With no token left,
    ``TV_MAX_ATTEMPTS`` questions to each are waited for, and not longer than the crawl runs.

    Settings: ``TV_MAX_ATTEMPTS``, ``TV_RETRY_BASE``, ``TV_RETRY_CAP``, ``TV_BLOCK_PAUSE``.
    """

    def __init__(self, crawler: Crawler, backoff: Backoff) -> None:
        self._crawler = crawler
        self._pool = quota_of(crawler).pool
        self._me = str(crawler.settings["THINGIVERSE_API_URL"]).rstrip("/") + "/users/me"
        self._most = max(1, crawler.settings.getint("TV_MAX_ATTEMPTS"))
        self._block_pause = crawler.settings.getfloat("TV_BLOCK_PAUSE")
        self._backoff = backoff
        self._doubts = SuspectTokens()
        self._asked: dict[str, asyncio.Task[bool]] = {}
        self._failed: dict[str, int] = {}
        self._due: dict[str, float] = {}

    @property
    def undecided(self) -> bool:
        """Whether the API failed to say of a refused token whether it is dead."""
        return any(label in self._due for label in self._doubts.labels())

    def answered(self, request: Request) -> None:
        """Note a request that the API answered: a good moment for a proof that failed."""
        if not self._doubts:
            return
        self._doubts.answered(_name(request))
        for label in self._doubts.labels():
            if label in self._due and self._due[label] <= steady():
                self._question(label)

    async def blames_request(self, request: Request) -> bool:
        """Whether a request was refused though its token is good; tokens cleared by that are used again."""
        label, name = request.meta[meta.LABEL], _name(request)
        elsewhere = self._doubts.refused(label, name)
        if self._pool.live() and not elsewhere:
            return False
        with self._pool.verifying():
            for _ in range(self._most):
                if not self._pool.live():
                    await self._pool.wait_for_token(self._wait())
                    if self._pool.live() or self._pool.stopping.is_set():
                        break
                if label in self._doubts.labels() and await self._is_good(label):
                    for cleared in self._doubts.accepted(label, name):
                        self._restore(cleared)
                    return True
                for other in self._doubts.labels():
                    if not self._pool.live():
                        await self._is_good(other)
                if self._pool.live() or not self._doubts:
                    break
        return False

    async def _is_good(self, label: str) -> bool:
        """The outcome of one question, also for those who ask while it is under way."""
        if label not in self._asked and self._due.get(label, 0.0) > steady():
            return False
        return await asyncio.shield(self._question(label))

    def _question(self, label: str) -> asyncio.Task[bool]:
        if label not in self._asked:
            self._asked[label] = asyncio.create_task(self._settle(label))
        return self._asked[label]

    async def _settle(self, label: str) -> bool:
        try:
            verdict = await self._ask(label)
        finally:
            del self._asked[label]
        if verdict in ACCEPTED:
            self._doubts.verified(label)
            self._restore(label)
            return True
        if verdict is Verdict.UNAUTHORIZED:
            self._doubts.verified(label)
        elif not self._pool.stopping.is_set():
            self._rest(label, verdict)
        return False

    def _rest(self, label: str, verdict: Verdict | None) -> None:
        failed = self._failed.get(label, 0)
        delay = self._backoff.delay(failed)
        if verdict is Verdict.BLOCKED:
            delay = max(delay, self._block_pause)
        self._failed[label], self._due[label] = failed + 1, steady() + delay
        said = "no answer" if verdict is None else verdict.value
        logger.warning("whether %s is dead could not be asked (%s); again in %d s", label, said, delay)

    def _restore(self, label: str) -> None:
        self._failed.pop(label, None)
        self._due.pop(label, None)
        self._pool.restore(label)

    async def _ask(self, label: str) -> Verdict | None:
        """The verdict on one question; ``None`` when there was no answer."""
        engine = self._crawler.engine
        if engine is None or self._pool.stopping.is_set():
            return None
        request = Request(self._me, meta={meta.PROOF: label}, dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Exception as error:
            logger.debug("%s could not be proven: %s", label, type(error).__name__)
            return None
        # asked again behind proxies, where a proxy lost it: then another request was answered
        answer = meta.answer(response.request or request)
        return answer.verdict if answer is not None else None

    def _wait(self) -> float:
        """Seconds until the first token in doubt may be asked again."""
        due = [self._due.get(label, 0.0) for label in self._doubts.labels()]
        return max(0.0, min(due, default=0.0) - steady())


def _name(request: Request) -> str:
    return f"{request.method} {request.url}"
