"""Find out whether a 401 blames the token or the request."""

from __future__ import annotations

import asyncio
import logging

from scrapy import Request
from scrapy.crawler import Crawler

from tvspiders.api.answers import Answer, Verdict
from tvspiders.middlewares.answers import ANSWER
from tvspiders.middlewares.quota import API_URL, LABEL, PROOF, quota_of
from tvspiders.policies.doubts import Doubts

logger = logging.getLogger(__name__)

ACCEPTED = (Verdict.OK, Verdict.FORBIDDEN, Verdict.GONE, Verdict.HIDDEN)
"""Answers that the API only gives to a token that it knows."""


class TokenProof:
    """Keeps the doubts about refused tokens, and settles them with one question where they matter.

    They matter when a request was refused with two tokens, or when no token is
    left: then ``/users/me`` is asked with the token in doubt, which costs one
    request of its quota. A revoked token among good ones is never asked again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._pool = quota_of(crawler).pool
        self._me = (crawler.settings.get("THINGIVERSE_API_URL") or API_URL).rstrip("/") + "/users/me"
        self._doubts = Doubts()
        self._asked: dict[str, asyncio.Future[bool]] = {}

    def answered(self, request: Request) -> None:
        """Note a request that the API answered."""
        if self._doubts:
            self._doubts.answered(_name(request))

    async def blames_request(self, request: Request) -> bool:
        """Whether a request was refused though its token is good; tokens cleared by that are used again."""
        label = request.meta[LABEL]
        elsewhere = self._doubts.refused(label, _name(request))
        if self._pool.live() and not elsewhere:
            return False
        with self._pool.on_trial():
            if await self._is_good(label):
                for cleared in self._doubts.accepted(label, _name(request)):
                    self._pool.restore(cleared)
                return True
            for other in self._doubts.labels():
                if not self._pool.live() and await self._is_good(other):
                    self._doubts.dead(other)
                    self._pool.restore(other)
        return False

    async def _is_good(self, label: str) -> bool:
        """The outcome of one question, also for those who ask while it is under way."""
        if label not in self._asked:
            self._asked[label] = asyncio.ensure_future(self._ask(label))
        question = self._asked[label]
        try:
            good = await asyncio.shield(question)
        finally:
            if question.done():
                self._asked.pop(label, None)
        if not good:
            self._doubts.dead(label)
        return good

    async def _ask(self, label: str) -> bool:
        engine = self._crawler.engine
        if engine is None or self._pool.stopping.is_set():
            return False
        request = Request(self._me, meta={PROOF: label}, dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Exception as error:
            logger.debug("%s could not be proven: %s", label, type(error).__name__)
            return False
        # asked again behind proxies, where an exit lost it: then another request was answered
        answer = (response.request or request).meta.get(ANSWER)
        return isinstance(answer, Answer) and answer.verdict in ACCEPTED


def _name(request: Request) -> str:
    return f"{request.method} {request.url}"
