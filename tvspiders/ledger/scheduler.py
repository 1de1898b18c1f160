"""A Scrapy scheduler whose queue, duplicate filter and retry memory are the ledger's table."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from tvspiders import meta
from tvspiders.api.urls import base_url
from tvspiders.crawl import context_of, limits_of
from tvspiders.errors import AnotherName, AnswerRefused, GivenBack, TvspidersError, UsageProblem
from tvspiders.ledger.answers.encoding import Variants, decode, encode
from tvspiders.ledger.answers.known_items import KnownItems
from tvspiders.ledger.answers.open_answer import AT_WORK, OpenAnswer
from tvspiders.ledger.answers.outputs import told_by
from tvspiders.ledger.engine import EngineLink
from tvspiders.ledger.in_flight import with_outcome
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.list_names import ListNames
from tvspiders.ledger.opening import close_crawl, open_crawl
from tvspiders.ledger.reports import CrawlReports
from tvspiders.ledger.verdict import Ending, unopened
from tvspiders.meta import RetryNote
from tvspiders.policies.outcome import Cause, Failed, Retry, decide
from tvspiders.policies.security.redaction import masked
from tvspiders.storage.queue.crawls import CHOOSING
from tvspiders.storage.units import Unit

logger = logging.getLogger(__name__)

UNEXPLAINED = RetryNote(delay=0.0, attempt=True, reason="asked again by a middleware")
"""For a request that a middleware of the user's own returned."""


class LedgerScheduler(BaseScheduler):
    """Hands out leased requests, stores new ones, takes retries back.

    Settings: ``DATABASE_URL``, ``THINGIVERSE_API_URL``, ``TV_LEASE_BATCH``,
    ``TV_LEASE_SECONDS``, ``TV_DEDUPE_SIZE``. Stats: ``tv/ledger/*``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._context = context_of(crawler)
        self._context.scheduler = self
        settings = crawler.settings
        self.base = base_url(settings["THINGIVERSE_API_URL"])
        self.ledger: Ledger | None = None
        self.lists: ListNames | None = None
        """What the API calls its lists."""
        self.ending: Ending | None = None
        """How the run ended; set when the scheduler is closed."""
        self.problem: str | None = None
        """Why the run cannot go on, in one line."""
        self.signalled = False
        """Whether the process was asked to stop by a signal."""
        self.sent = 0
        self._engine = EngineLink(crawler)
        self._variants = Variants()
        self._reports = CrawlReports(crawler, self._engine, self._variants, self._queue_start_requests)
        self._limits = limits_of(settings)
        self._budget: int | None = None
        self._choosing = False
        crawler.signals.connect(self._idle, signals.spider_idle)
        crawler.signals.connect(self._opened, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LedgerScheduler:
        """Made by the engine."""
        return cls(crawler)

    # -- Scrapy's interface ----------------------------------------------------------------------

    def open(self, spider: Spider) -> Deferred[None]:
        """Open the crawl; a crawl that cannot be opened is closed at once, with ``problem`` set."""
        return deferred_from_coro(self._open(spider))

    def close(self, reason: str) -> Deferred[None]:
        """Write all that is finished, and the verdict."""
        return deferred_from_coro(self._close(reason))

    def has_pending_requests(self) -> bool:
        """Whether this worker must stay, for its own work or in case another's comes back."""
        ledger = self.ledger
        if ledger is None:
            return False
        waiting = ledger.waits_for(self._spent)
        if self._engine.is_stuck(waiting):
            numbers = ", ".join(str(number) for number in sorted(waiting)[:5])
            self.refuse(
                f"request {numbers} was handed out and is lost: nothing works on it any more; "
                "a middleware must return the request that it got, or a copy of it"
            )
        if self._spent:
            return ledger.unacknowledged and ledger.failure is None
        return not ledger.drained

    def enqueue_request(self, request: Request) -> bool:
        """Store a new request, or take back one that a middleware wants to be tried again."""
        ledger, answer = self.ledger, self.answer_at_work
        if ledger is None:
            return False
        number = meta.request_id(request)
        # In the output of a callback it is a copy of response.meta that names a request of ours.
        if answer is None and number is not None:
            if meta.owner(request) != ledger.owner:
                return True  # it was a request of a database that is not there any more
            if ledger.holds(number):
                self._take_back(ledger, number, request)
                return True
        if self.problem is not None:
            return False
        depth = answer.depth + 1 if answer is not None else 0
        try:
            new = encode(request, self._engine.spider, self.base, depth, self._variants.of(request, answer))
        except UsageProblem as error:
            if answer is not None:
                answer.refuse(AnswerRefused("request", str(error)))
            else:
                self.refuse(str(error))
            return False
        if answer is not None:
            answer.follow(new, told_by(request, self.crawler.settings))
        else:
            ledger.add(new)
            self._context.count("tv/ledger/enqueued")
        return True

    def next_request(self) -> Request | None:
        """The next leased request, ``None`` when there is none now."""
        # What the engine does from here on belongs to another request than the one that woke it.
        AT_WORK.set(None)
        ledger, lists = self.ledger, self.lists
        if self._spent and lists is not None:
            lists.give_back()
        while ledger is not None and lists is not None and not self._spent:
            found = lists.next(self._engine.spider)
            if found is None:
                return None
            leased, named = found
            request = decode(leased, self._engine.spider, self.base, ledger.owner)
            if request is not None:
                request.errback = partial(self._failed, request.errback)
                if named is not None:
                    request.meta[meta.LIST] = named
                self.sent += 1
                self._context.count("tv/ledger/handed_out")
                if leased.repeat:
                    self._context.count("tv/ledger/repeated")
                if leased.extra:
                    self._context.count(f"tv/requests/extra/{leased.extra}")
                return request
            reason = f"this version has no callback {leased.callback!r}"
            ledger.acknowledge(Unit(leased.id, "parked", reason, leased.attempts))
        return None

    # -- for the components beside it ------------------------------------------------------------

    @property
    def answer_at_work(self) -> OpenAnswer | None:
        """The answer whose output is being worked on; ``None`` outside of that.

        One of an earlier database keeps its output to itself: it is never acknowledged.
        """
        answer, ledger = AT_WORK.get(), self.ledger
        if answer is None or ledger is None:
            return None
        return answer if answer.owner != ledger.owner or self.works_on(answer) else None

    def works_on(self, answer: OpenAnswer) -> bool:
        """Whether an answer is still open, and its request one of the present database."""
        ledger = self.ledger
        return ledger is not None and answer.owner == ledger.owner and ledger.holds(answer.unit.request_id)

    @property
    def known(self) -> KnownItems:
        """What this run has stored."""
        return self._reports.known

    def refuse(self, problem: str) -> None:
        """The crawl cannot go on with what the spider, or a component, has asked for."""
        if self.problem is None:
            self.problem = problem
            self._reports.failed(problem)

    def hurry(self) -> None:
        """The process was asked to stop: from now on the database is not waited for long."""
        if self.ledger is not None:
            self.ledger.database.give_up_after(self.crawler.settings.getfloat("TV_CLOSE_SECONDS"))

    @property
    def closing(self) -> bool:
        """Whether the spider is being closed."""
        return self._engine.closing

    # -- inside ----------------------------------------------------------------------------------

    @property
    def _spent(self) -> bool:
        return self._budget is not None and self.sent >= self._budget

    async def _open(self, spider: Spider) -> None:
        arguments: Any = getattr(spider, "args", None)
        self._budget = getattr(arguments, "max_requests", None)
        self._choosing = spider.name in CHOOSING
        try:
            ledger, self.lists = await open_crawl(spider, self.crawler.settings, self.base)
        except TvspidersError as error:
            self.problem = str(error)
            return
        ledger.report_to(self._reports)
        self.ledger = ledger

    async def _close(self, reason: str) -> None:
        # An answer that has just ended is acknowledged in the next round of the event loop.
        await asyncio.sleep(0)
        ledger = self.ledger
        if ledger is None:
            self.ending = unopened(self.problem)
            return
        if reason == "shutdown":
            self.hurry()
        if self.lists is not None:
            await self.lists.close()
        self.ending = await close_crawl(
            ledger,
            reason,
            problem=lambda: self.problem,
            spent=self._spent,
            choosing=self._choosing,
            signalled=lambda: self.signalled,
        )
        for state, number in self.ending.counts.items():
            if self.crawler.stats:
                self.crawler.stats.set_value(f"tv/requests/{state}", number)

    async def _queue_start_requests(self) -> None:
        """Once more, in another database; what it holds stays as it is."""
        ledger, spider = self.ledger, self._engine.spider
        async for request in spider.start():
            if ledger is not None and isinstance(request, Request):
                ledger.add(encode(request, spider, self.base, 0, self._variants.of(request, None)))

    def _take_back(self, ledger: Ledger, number: int, request: Request) -> None:
        retry = meta.retry_note(request) or UNEXPLAINED
        outcome = Retry(str(retry["reason"]), float(retry["delay"]), bool(retry["attempt"]))
        self._context.count(f"tv/ledger/retried/{outcome.reason}")
        ledger.acknowledge(with_outcome(Unit(number, attempts=meta.attempts(request)), outcome))

    def _failed(self, errback: Callable[[Failure], Any] | None, failure: Failure) -> Any:
        """A request without an answer: given back when we stop, else parked for the next run.

        What the spider's own ``errback`` says to that is Scrapy's to work on, as always.
        """
        request: Request = failure.request  # type: ignore[attr-defined]
        unit = Unit(request.meta[meta.ID], attempts=meta.attempts(request))
        ledger = self.ledger
        if ledger is None or not ledger.in_flight.holds(request):
            return None
        if isinstance(failure.value, AnotherName) and self.lists is not None:
            self.lists.ask_again(unit.request_id)
            self._engine.wake()
            return None
        if isinstance(failure.value, GivenBack):
            ledger.acknowledge(with_outcome(unit, decide(Failed(Cause.OURS), unit.attempts, self._limits)))
            return None
        # an exception may repeat what a server or a proxy said in the place of an answer
        reason = masked(f"{type(failure.value).__name__}: {failure.getErrorMessage()}".strip(": "))[:300]
        with_outcome(unit, decide(Failed(Cause.OTHER, reason), unit.attempts, self._limits))
        logger.warning("Parked %s after %d attempts: %s", request.url, unit.attempts, reason)
        ledger.acknowledge(unit)
        return errback(failure) if errback is not None else None

    def _opened(self) -> None:
        """Close a crawl that could not be opened; before this moment Scrapy would stumble over it."""
        if self.ledger is None:
            raise CloseSpider("storage")

    def _idle(self) -> None:
        ledger = self.ledger
        if ledger is None:
            return
        if self._spent and not ledger.drained:
            raise CloseSpider("max_requests")
        if ledger.failure is None and not ledger.confirmed:
            # The last look before the end: a crawl that is being closed cannot be opened again.
            self._engine.begin(ledger.confirm())
            raise DontCloseSpider
