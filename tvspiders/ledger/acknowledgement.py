"""Acknowledgement: an answer is finished when all that it produced has passed the pipelines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any, cast

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from tvspiders import meta
from tvspiders.api import answers
from tvspiders.api.answer_fields import endpoint_of, fields_of
from tvspiders.api.answers import Verdict
from tvspiders.api.document import json_text
from tvspiders.api.lists.names import is_below_subject, subject_lives
from tvspiders.api.scrubbing import scrub_answer
from tvspiders.crawl import context_of, limits_of
from tvspiders.errors import AnswerRefused, GivenBack
from tvspiders.items import Source
from tvspiders.ledger.answers.drift import REFUSED as LACKING
from tvspiders.ledger.answers.drift import Sampling
from tvspiders.ledger.answers.encoding import kept_headers
from tvspiders.ledger.answers.open_answer import AT_WORK, OpenAnswer
from tvspiders.ledger.components import check_components
from tvspiders.ledger.in_flight import with_outcome
from tvspiders.ledger.list_names import EXTRA_REASON
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.policies.outcome import Done, Received, Refused, Retry, decide
from tvspiders.storage.units import Answer, Unit

logger = logging.getLogger(__name__)

REFUSED = (Verdict.FORBIDDEN, Verdict.UNAUTHORIZED)
"""Answers that the API gives where it shows a subject to others only, or to no one."""


class AcknowledgeMiddleware:
    """Spider middleware, the one nearest to the engine: opens a unit for each answer, and acknowledges it.

    A unit is acknowledged when Scrapy's task for the answer ends: by then the callback is exhausted, and
    every item was scraped, dropped or failed. Its output reached the ledger in that task by itself: items
    behind the last pipeline, requests at the scheduler. So nothing here depends on what other middlewares
    do to the output.

    Settings: ``TV_RAW_JSON``, ``TV_MAX_ATTEMPTS``, ``TV_RETRY_BASE``, ``TV_RETRY_CAP``.
    Stats: ``tv/answers/refused/<reason>``.
    """

    def __init__(self, crawler: Crawler) -> None:
        check_components(crawler.settings)
        self.crawler = crawler
        self.limits = limits_of(crawler.settings)
        self.keeps_text = crawler.settings.getbool("TV_RAW_JSON")
        self.sampling = Sampling()
        crawler.signals.connect(self._spider_error, signals.spider_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AcknowledgeMiddleware:
        """Made by Scrapy."""
        return cls(crawler)

    @property
    def scheduler(self) -> LedgerScheduler | None:
        """The crawl's scheduler, ``None`` when another kind of scheduler is set."""
        return context_of(self.crawler).scheduler

    def process_spider_input(self, response: Response) -> None:
        """Open the unit of this answer."""
        AT_WORK.set(None)
        scheduler, request, task = self.scheduler, response.request, asyncio.current_task()
        if scheduler is None or scheduler.ledger is None or request is None or task is None:
            return
        number = meta.request_id(request)
        if number is not None and meta.owner(request) != scheduler.ledger.owner:
            raise GivenBack("the database went back in time while this was asked")
        if number is None or not scheduler.ledger.holds(number):
            return
        unit = Unit(number, attempts=meta.attempts(request), priority=request.priority)
        read = self._read(request, response)
        if read.verdict in REFUSED and scheduler.ledger.hides(request.url.removeprefix(scheduler.base)):
            read = meta.set_answer(request, answers.as_hidden(read))
        if scheduler.lists is not None:
            scheduler.lists.learn(request, number, read)
        if meta.list_name(request) and meta.extra_reason(request) == EXTRA_REASON:
            unit.extra = EXTRA_REASON
        body, document, scrubbed = scrub_answer(response.body, read.document)
        scrubbed = scrubbed or meta.SCRUBBED in response.flags
        received_at = scheduler.ledger.clock.now()
        unit.answer = Answer(response.status, received_at, body, kept_headers(response), None, scrubbed)
        if read.verdict is Verdict.OK:
            unit.raw_json = json_text(body, document) if self.keeps_text else None
            endpoint = endpoint_of(request.url.removeprefix(scheduler.base))
            if self.sampling.wants(endpoint):
                unit.fields = (endpoint, fields_of(read.document))
        part_only = subject_lives(read) and is_below_subject(request.url.removeprefix(scheduler.base))
        outcome = decide(Received(read, part_only=part_only), unit.attempts, self.limits)
        if isinstance(outcome, Done):
            with_outcome(unit, outcome)
        answer = OpenAnswer(
            unit,
            Source(number, received_at),
            meta.depth(request),
            request.meta[meta.OWNER],
            verdict=read.verdict,
        )
        AT_WORK.set(answer)
        task.add_done_callback(partial(self._ended, answer, scheduler))
        task.add_done_callback(lambda _: meta.forget_answer(request))  # a document takes memory

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """Pass everything on, and notice whether the output is read to its end."""
        answer = self._of(response)
        try:
            async for output in result:
                yield output
        except Exception as error:
            if answer is None or isinstance(error, CloseSpider):
                raise
            answer.read_to_end = True
            if not isinstance(error, AnswerRefused):
                raise
            answer.refuse(error)
        else:
            # Not for a generator that is closed half-way: what it would have given is not known.
            if answer is not None:
                answer.read_to_end = True

    def process_spider_exception(self, response: Response, exception: Exception) -> list[Any] | None:
        """A callback failed before it gave anything, or a middleware above it."""
        answer = self._of(response)
        if answer is None or isinstance(exception, CloseSpider):
            return None
        answer.read_to_end = True
        if not isinstance(exception, AnswerRefused):
            return None
        answer.refuse(exception)
        return []

    # -- inside ----------------------------------------------------------------------------------

    def _of(self, response: Response | None) -> OpenAnswer | None:
        """The open answer that a response is."""
        answer = AT_WORK.get()
        request = response.request if isinstance(response, Response) else None
        if answer is None or request is None:
            return None
        if (meta.request_id(request), meta.owner(request)) != (answer.unit.request_id, answer.owner):
            return None
        return answer

    def _spider_error(self, failure: Failure, response: Response) -> None:
        """A callback or a spider middleware raised, and no middleware caught it."""
        answer = self._of(response)
        if answer is not None:
            answer.refuse(cast("Exception", failure.value))

    def _ended(self, answer: OpenAnswer, scheduler: LedgerScheduler, task: asyncio.Task[Any]) -> None:
        """Scrapy is through with an answer and all that it brought."""
        ledger = scheduler.ledger
        if task.cancelled() or ledger is None or not scheduler.works_on(answer):
            return
        if not answer.read_to_end and answer.error is None:
            if scheduler.closing:
                # The spider was closed in the middle of it, as by CloseSpider in the callback.
                ledger.acknowledge(Unit(answer.unit.request_id, "queued", None, answer.unit.attempts))
                return
            answer.refuse(AnswerRefused("unread", "a spider middleware did not read the output to its end"))
        if answer.error is not None:
            self._refuse(answer, answer.error)
        ledger.acknowledge(answer.unit)

    def _refuse(self, progress: OpenAnswer, error: Exception) -> None:
        """Nothing of an answer that was not understood is stored, but its raw body and why."""
        unit = progress.unit
        reason = error.reason if isinstance(error, AnswerRefused) else "bug"
        why = str(error) if isinstance(error, AnswerRefused) else f"{type(error).__name__}: {error}"
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"tv/answers/refused/{reason}")
        for brought in (unit.items, unit.requests, unit.others, unit.exported):
            brought.clear()
        unit.raw_json = None
        unit.fields = unit.fields if reason in LACKING else None
        unit.reason = why[:300]
        status = 0
        if unit.answer is not None:
            status, unit.answer = unit.answer.status, replace(unit.answer, refused=reason)
        outcome = decide(Refused(progress.verdict, status, reason), unit.attempts, self.limits)
        with_outcome(unit, outcome)
        if not isinstance(outcome, Retry):
            logger.warning("%s request %d: %s", unit.state.capitalize(), unit.request_id, unit.reason)

    def _read(self, request: Request, response: Response) -> answers.Answer:
        """The classified answer, read once; callbacks find it in the request's meta."""
        return meta.answer(request) or meta.set_answer(
            request, answers.read(response.status, kept_headers(response), response.body)
        )
