"""Acknowledgement: an answer is finished when all that it produced has passed the pipelines."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.misc import load_object

from tvspiders.api import answers
from tvspiders.api.answers import Verdict
from tvspiders.api.document import one_line, raw_text
from tvspiders.api.scrubbing import scrub, scrub_bytes
from tvspiders.errors import AnswerRefused
from tvspiders.items import Item, Source
from tvspiders.ledger.encoding import ANSWER, ATTEMPTS, DEPTH, ID, SCRUBBED, encode, kept_headers
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.steady_clock import steady
from tvspiders.storage.units import Answer, Unit

logger = logging.getLogger(__name__)

REFUSED = (Verdict.FORBIDDEN, Verdict.UNAUTHORIZED)
"""Answers that the API gives where it shows a subject to others, or to nobody."""
TURNED_AWAY = (Verdict.FORBIDDEN, Verdict.UNAUTHORIZED, Verdict.BLOCKED, Verdict.LIMITED)
"""Answers that say nothing about the subject; asking at once again brings the same."""


def outcomes_are_told(crawler: Crawler) -> bool:
    """Whether the item processor says what became of each item; with another one signals have to."""
    return getattr(load_object(crawler.settings["ITEM_PROCESSOR"]), "tells_outcomes", False)


@dataclass
class _Progress:
    """How far the output of one answer is."""

    unit: Unit
    source: Source
    depth: int
    """Steps from a start request to this answer."""
    expected: int = 0
    seen: int = 0
    exhausted: bool = False
    refused: bool = False
    verdict: Verdict = Verdict.OK


class AcknowledgeMiddleware:
    """Spider middleware, the one nearest to the engine.

    It stamps items with their answer, leaves out those that are on disk with
    the same content, keeps new requests with the unit of the answer they came
    from, and settles the unit once the callback is exhausted and every item
    was scraped, dropped or failed.

    Settings: ``TV_RAW_JSON``, ``TV_MAX_ATTEMPTS``, ``TV_RETRY_BASE``, ``TV_RETRY_CAP``.
    Stats: ``tv/answers/refused/<reason>``, ``tv/items/duplicate``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.max_attempts = crawler.settings.getint("TV_MAX_ATTEMPTS")
        self.keeps_text = crawler.settings.getbool("TV_RAW_JSON")
        self.retry_base = crawler.settings.getfloat("TV_RETRY_BASE")
        self.retry_cap = crawler.settings.getfloat("TV_RETRY_CAP")
        self._progress: dict[int, _Progress] = {}
        self._foreign: dict[int, list[_Progress]] = {}
        """Answers of outputs on their way that are no items of ours, by ``id`` of the output."""
        self._told = outcomes_are_told(crawler)
        if not self._told:
            for signal in (signals.item_scraped, signals.item_dropped):
                crawler.signals.connect(self._item_done, signal)
            crawler.signals.connect(self._item_failed, signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AcknowledgeMiddleware:
        """Made by Scrapy."""
        return cls(crawler)

    @property
    def scheduler(self) -> LedgerScheduler | None:
        """The crawl's scheduler, ``None`` when another kind of scheduler is set."""
        engine = self.crawler.engine
        scheduler = engine.scheduler if engine is not None else None
        return scheduler if isinstance(scheduler, LedgerScheduler) else None

    def process_spider_input(self, response: Response) -> None:
        """Open the unit of this answer."""
        scheduler = self.scheduler
        request = response.request
        if scheduler is None or scheduler.ledger is None or request is None or ID not in request.meta:
            return
        attempts = int(request.meta.get(ATTEMPTS, 0))
        unit = Unit(request.meta[ID], attempts=attempts, priority=request.priority)
        read = self._read(request, response)
        if read.verdict in REFUSED and scheduler.ledger.hides(request.url.removeprefix(scheduler.base)):
            read = request.meta[ANSWER] = answers.as_hidden(read)
        body, document, scrubbed = _clean(response.body, read)
        scrubbed = scrubbed or SCRUBBED in response.flags
        received_at = scheduler.ledger.clock.now()
        unit.answer = Answer(response.status, received_at, body, kept_headers(response), None, scrubbed)
        if read.verdict is Verdict.OK:
            unit.raw_json = one_line(body, document) if self.keeps_text else None
        elif read.verdict in (Verdict.GONE, Verdict.HIDDEN):
            unit.state, unit.reason = "gone", read.message or read.reason
        scheduler.item_ended = self.item_ended
        scheduler.units[unit.request_id] = unit
        self._progress[unit.request_id] = _Progress(
            unit,
            Source(unit.request_id, received_at),
            int(request.meta.get(DEPTH, 0)),
            verdict=read.verdict,
        )

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """Pass items on; keep requests; notice the end."""
        progress = self._of(response)
        if progress is None:
            async for output in result:
                yield output
            return
        try:
            async for output in result:
                if self._passes(progress, output):
                    yield output
        except Exception as error:
            self._broke_off(progress, error)
            if not isinstance(error, AnswerRefused):
                raise
        else:
            # Not for a generator that is closed half-way: its answer is asked again.
            self._exhaust(progress)

    def process_spider_exception(self, response: Response, exception: Exception) -> list[Any] | None:
        """A callback failed before it gave anything."""
        progress = self._of(response)
        if progress is None:
            return None
        self._refuse(progress, exception)
        self._exhaust(progress)
        return [] if isinstance(exception, AnswerRefused) else None

    def item_ended(self, item: Any, error: Exception | None = None) -> None:
        """An item was scraped or dropped, or a pipeline failed with an error."""
        self._ended(self._whose(item), error)

    # -- inside ----------------------------------------------------------------------------------

    def _passes(self, progress: _Progress, output: Any) -> bool:
        """Whether an output goes on to the pipelines; requests stay with the unit of their answer."""
        scheduler = self.scheduler
        if isinstance(output, Request):
            if scheduler is not None:
                new = encode(output, scheduler.spider, scheduler.base, progress.depth + 1)
                progress.unit.requests.append(new)
            return False
        if isinstance(output, Item):
            # Left out here and not by the pipeline: on its way there an item costs a task of the event loop.
            if scheduler is not None and output in scheduler.known:
                if self.crawler.stats:
                    self.crawler.stats.inc_value("tv/items/duplicate")
                return False
            output.stamp(progress.source)
        elif self._told:
            self._foreign.setdefault(id(output), []).append(progress)
        progress.expected += 1
        return True

    def _broke_off(self, progress: _Progress, error: Exception) -> None:
        self._refuse(progress, error)
        self._exhaust(progress)

    def _of(self, response: Response | None) -> _Progress | None:
        request = response.request if isinstance(response, Response) else None
        return self._progress.get(request.meta.get(ID, -1)) if request is not None else None

    def _whose(self, item: Any) -> _Progress | None:
        """The answer that an output came from."""
        if isinstance(item, Item):
            return self._progress.get(item.source.request_id) if item.source else None
        waiting = self._foreign.get(id(item))
        if not waiting:
            return None
        found = waiting.pop()
        if not waiting:
            del self._foreign[id(item)]
        return found

    def _item_done(self, response: Response | None) -> None:
        self._ended(self._of(response), None)

    def _item_failed(self, response: Response | None, failure: Any) -> None:
        self._ended(self._of(response), failure.value)

    def _ended(self, progress: _Progress | None, error: Exception | None) -> None:
        if progress is None:
            return
        if error is not None:
            self._refuse(progress, AnswerRefused("pipeline", f"{type(error).__name__}: {error}"))
        progress.seen += 1
        self._settle_if_done(progress)

    def _exhaust(self, progress: _Progress) -> None:
        progress.exhausted = True
        self._settle_if_done(progress)

    def _settle_if_done(self, progress: _Progress) -> None:
        scheduler = self.scheduler
        if not progress.exhausted or progress.seen < progress.expected:
            return
        number = progress.unit.request_id
        if scheduler is None or scheduler.ledger is None or self._progress.pop(number, None) is None:
            return
        scheduler.units.pop(number, None)
        if progress.refused:
            # Items that were in a pipeline when a later one failed must not be stored either.
            progress.unit.items.clear()
        scheduler.ledger.settle(progress.unit)

    def _refuse(self, progress: _Progress, error: Exception) -> None:
        """Nothing of an answer that was not understood is stored, but its raw body and why."""
        unit = progress.unit
        progress.refused = True
        reason = error.reason if isinstance(error, AnswerRefused) else "bug"
        why = str(error) if isinstance(error, AnswerRefused) else f"{type(error).__name__}: {error}"
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"tv/answers/refused/{reason}")
        unit.items.clear()
        unit.requests.clear()
        unit.raw_json = None
        unit.reason = why[:300]
        unit.attempts += 1
        if unit.answer is not None:
            answer = unit.answer
            unit.answer = Answer(
                answer.status, answer.received_at, answer.body, answer.headers, reason, answer.scrubbed
            )
        unit.state = self._state_after(progress, reason)
        if unit.state == "queued":
            delay = min(self.retry_cap, self.retry_base * 2.0 ** (unit.attempts - 1))
            unit.due = steady() + delay
        else:
            logger.warning("%s request %d: %s", unit.state.capitalize(), unit.request_id, unit.reason)

    def _state_after(self, progress: _Progress, reason: str) -> str:
        """``queued`` while it may help, ``parked`` if it is the site's fault, else ``quarantined``."""
        attempts = progress.unit.attempts
        if progress.verdict in TURNED_AWAY:
            return "parked"
        if progress.verdict is Verdict.BROKEN:
            status = progress.unit.answer.status if progress.unit.answer else 0
            final = "parked" if status >= 500 or status in (408, 425) else "quarantined"
            return "queued" if attempts < self.max_attempts else final
        if progress.verdict is Verdict.BAD_REQUEST or reason in ("pipeline", "bug"):
            return "quarantined"
        # A crossed answer is chance and worth as many tries as a broken one; a strange shape is not.
        most = self.max_attempts if reason == "wrong-id" else min(2, self.max_attempts)
        return "queued" if attempts < most else "quarantined"

    def _read(self, request: Request, response: Response) -> answers.Answer:
        """The classified answer, read once; callbacks find it in the request's meta."""
        read = request.meta.get(ANSWER)
        if not isinstance(read, answers.Answer):
            read = answers.read(response.status, kept_headers(response), response.body)
            request.meta[ANSWER] = read
        return read


def _clean(body: bytes, read: answers.Answer) -> tuple[bytes, Any, bool]:
    """Body and document as they may be stored, and whether anything was taken out."""
    if read.document is None:
        body, scrubbed = scrub_bytes(body)
        return body, None, scrubbed
    if not _may_hold_email(body):
        return body, read.document, False
    document = scrub(read.document)
    if document == read.document:
        return body, document, False
    return raw_text(document).encode(), document, True


def _may_hold_email(body: bytes) -> bool:
    """Whether a JSON body can have a key that speaks of an e-mail; spares most answers the search."""
    plain = body.lower().translate(None, b"-_ ")
    return b"email" in plain or (b"\\u00" in plain and _ESCAPED.search(plain) is not None)


_ESCAPED = re.compile(rb"\\u00(?:[46][159cd]|2[0d]|5f)")
"""One of the letters, or of the signs within, of a key that is written with escapes, in lower case."""
