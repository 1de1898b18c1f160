"""A Scrapy scheduler whose queue, duplicate filter and retry memory are the ledger's table."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

import scrapy
from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

import tvspiders
from tvspiders import meta
from tvspiders.api.urls import base_url
from tvspiders.crawl import context_of, limits_of
from tvspiders.errors import AnotherName, AnswerRefused, GivenBack, TvspidersError, UsageProblem
from tvspiders.ledger.answers.encoding import decode, encode
from tvspiders.ledger.answers.known_items import KnownItems
from tvspiders.ledger.answers.open_answer import AT_WORK, OpenAnswer
from tvspiders.ledger.answers.outputs import item_of, told_by
from tvspiders.ledger.components import check_components
from tvspiders.ledger.identity import identity_arguments
from tvspiders.ledger.in_flight import with_outcome
from tvspiders.ledger.ledger import Ledger, Options
from tvspiders.ledger.list_names import ListNames
from tvspiders.ledger.selection import first_requests
from tvspiders.ledger.verdict import Ending, judge, unopened, unwritten
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.meta import RetryNote
from tvspiders.policies.outcome import Cause, Failed, Retry, decide
from tvspiders.policies.security.redaction import masked
from tvspiders.storage.catalogue.unaccounted_rows import standing_unaccounted
from tvspiders.storage.database.engine import DATABASE_CHANGED, DATABASE_GIVEN_UP, open_engine
from tvspiders.storage.queries.labels import stored_slugs
from tvspiders.storage.queries.round_notes import RoundNotes
from tvspiders.storage.queue.crawls import CHOOSING
from tvspiders.storage.units import OLDER, Committed, Unit, unit_committed

logger = logging.getLogger(__name__)

STUCK_SECONDS = 2.0
"""For how long nothing works on the last requests before they count as lost."""
SHORTEST_LIMIT = 5.0
"""Seconds that a transaction may be open at least, however short a lease is."""

UNEXPLAINED = RetryNote(delay=0.0, attempt=True, reason="asked again by a middleware")
"""For a request that a middleware of the user's own returned."""


class LedgerScheduler(BaseScheduler):
    """Hands out leased requests, stores new ones, takes retries back.

    Settings: ``DATABASE_URL``, ``THINGIVERSE_API_URL``, ``TV_LEASE_BATCH``,
    ``TV_LEASE_SECONDS``, ``TV_DEDUPE_SIZE``. Stats: ``tv/ledger/*``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        context_of(crawler).scheduler = self
        settings = crawler.settings
        self.base = base_url(settings["THINGIVERSE_API_URL"])
        self.ledger: Ledger | None = None
        self.lists: ListNames | None = None
        """What the API calls its lists."""
        self.ending: Ending | None = None
        """How the run ended; set when the scheduler is closed."""
        self.problem: str | None = None
        """Why the run cannot go on, in one line."""
        self.known = KnownItems(settings.getint("TV_DEDUPE_SIZE"))
        """What this run has stored."""
        self.signalled = False
        """Whether the process was asked to stop by a signal."""
        self.sent = 0
        self._budget: int | None = None
        self._choosing = False
        days, people = settings.getfloat("TV_KEEP_ANSWERS"), settings.getfloat("TV_KEEP_PEOPLE")
        self._options = Options(
            settings.getint("TV_LEASE_BATCH"),
            settings.getfloat("TV_LEASE_SECONDS"),
            store_answers=days if days >= 0 else None,
            keep_people=people if people >= 0 else None,
            in_flight=max(1, settings.getint("CONCURRENT_REQUESTS")),
        )
        self._limits = limits_of(settings)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unfiltered: Counter[str] = Counter()
        """Start requests with ``dont_filter`` so far, by address."""
        self._stuck_since: float | None = None
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
        """Write all that is finished and settle the verdict."""
        return deferred_from_coro(self._close(reason))

    def has_pending_requests(self) -> bool:
        """Whether this worker must stay, for its own work or in case another's comes back."""
        ledger = self.ledger
        if ledger is None:
            return False
        self._look_for_stuck(ledger)
        if self._spent:
            return ledger.unsettled and ledger.failure is None
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
            new = encode(request, self.spider, self.base, depth, self._variant(request, answer))
        except UsageProblem as error:
            if answer is not None:
                answer.refuse(AnswerRefused("request", str(error)))
            else:
                self._refuse(str(error))
            return False
        if answer is not None:
            answer.follow(new, told_by(request, self.crawler.settings))
        else:
            ledger.add(new)
            self._count("enqueued")
        return True

    def next_request(self) -> Request | None:
        """The next leased request, ``None`` when there is none now."""
        # What the engine does from here on belongs to another request than the one that woke it.
        AT_WORK.set(None)
        ledger, lists = self.ledger, self.lists
        if self._spent and lists is not None:
            lists.give_back()
        while ledger is not None and lists is not None and not self._spent:
            found = lists.next(self.spider)
            if found is None:
                return None
            leased, named = found
            request = decode(leased, self.spider, self.base, ledger.owner)
            if request is not None:
                request.errback = partial(self._failed, request.errback)
                if named is not None:
                    request.meta[meta.LIST] = named
                self.sent += 1
                self._count("handed_out")
                if leased.repeat:
                    self._count("repeated")
                if leased.extra and self.crawler.stats:
                    self.crawler.stats.inc_value(f"tv/requests/extra/{leased.extra}")
                return request
            reason = f"this version has no callback {leased.callback!r}"
            ledger.settle(Unit(leased.id, "parked", reason, leased.attempts))
        return None

    # -- for the components beside it ------------------------------------------------------------

    @property
    def answer_at_work(self) -> OpenAnswer | None:
        """The answer whose output is being worked on; ``None`` outside of that.

        One of an earlier database keeps its output to itself: nobody settles it.
        """
        answer, ledger = AT_WORK.get(), self.ledger
        if answer is None or ledger is None:
            return None
        return answer if answer.owner != ledger.owner or self.works_on(answer) else None

    def works_on(self, answer: OpenAnswer) -> bool:
        """Whether an answer is still open, and its request one of the present database."""
        ledger = self.ledger
        return ledger is not None and answer.owner == ledger.owner and ledger.holds(answer.unit.request_id)

    def keep(self, answer: OpenAnswer | None, was_ours: bool, output: Any) -> None:
        """Store and export what the last pipeline gave; ``was_ours`` says that it came from an item of ours.

        Raises ``AnswerRefused`` for what cannot be stored.
        """
        if answer is not None:
            if not answer.keep(output, was_ours, self.known) and self.crawler.stats:
                self.crawler.stats.inc_value("tv/items/duplicate")
            return
        if item_of(output, was_ours) is not None:
            why = f"an item ({type(output).__name__}) came with no answer: only callbacks bring items"
            self._refuse(why)
            raise AnswerRefused("item", why)
        if self.ledger is not None:
            for sink in self.ledger.sinks:
                sink.take(output)

    def holds(self, request: Request) -> bool:
        """Whether a request was handed out, has not come to anything yet, and is of the present database."""
        return self.ledger is not None and self.ledger.in_flight.holds(request)

    def hurry(self) -> None:
        """The process was asked to stop: from now on the database is not waited for long."""
        if self.ledger is not None:
            self.ledger.give_up_after(time.monotonic() + self.crawler.settings.getfloat("TV_CLOSE_SECONDS"))

    @property
    def spider(self) -> Spider:
        """The spider of this crawl."""
        spider = self.crawler.spider
        if spider is None:
            raise RuntimeError("the crawl has no spider yet")
        return spider

    @property
    def closing(self) -> bool:
        """Whether the spider is being closed."""
        engine = self.crawler.engine
        slot = engine._slot if engine is not None else None
        return slot is not None and slot.closing is not None

    # -- inside ----------------------------------------------------------------------------------

    @property
    def _spent(self) -> bool:
        return self._budget is not None and self.sent >= self._budget

    async def _open(self, spider: Spider) -> None:
        arguments: Any = getattr(spider, "args", None)
        self._budget = getattr(arguments, "max_requests", None)
        self._choosing = spider.name in CHOOSING
        database: DatabaseThread | None = None
        try:
            check_components(self.crawler.settings)
            engine = open_engine(self.crawler.settings["DATABASE_URL"])
            database = DatabaseThread(engine, max(SHORTEST_LIMIT, self._options.lease_seconds))
            ledger = Ledger(database, self._options)
            await ledger.start(
                spider.name,
                identity_arguments(arguments),
                getattr(arguments, "crawl", None),
                self._facts(),
                first_requests(spider, self.base, time.time),
            )
            if hasattr(spider, "standing"):
                spider.standing = await ledger.run(standing_unaccounted)
            if hasattr(spider, "stored_slugs"):
                spider.stored_slugs = await ledger.run(stored_slugs)
            lists = await ListNames.read(ledger, self.base)
        except TvspidersError as error:
            self.problem = str(error)
            if database is not None:
                database.close()
            return
        ledger.on_change = self._wake
        ledger.on_failure = self._give_up
        ledger.on_commit = self._announce
        ledger.on_forget = self._forget
        ledger.on_opened = self._ask_first
        self.ledger, self.lists = ledger, lists

    async def _close(self, reason: str) -> None:
        # An answer that has just ended is settled when the loop comes round.
        await asyncio.sleep(0)
        ledger = self.ledger
        if ledger is None:
            self.ending = unopened(self.problem)
            return
        if reason == "shutdown":
            self.hurry()
        if self.lists is not None:
            await self.lists.close()
        await ledger.flush()
        self.problem = self.problem or ledger.failure

        def decide(counts: dict[str, int], others: bool, notes: RoundNotes) -> tuple[str, str | None]:
            self.problem = self.problem or ledger.failure
            how = (self._spent, others, self._choosing, bool(ledger.idle), notes, self.signalled)
            self.ending = judge(counts, reason, self.problem, *how)
            return self.ending.verdict, self.ending.reason

        try:
            counts = await ledger.finish(decide)
        except Exception as error:
            self.problem = self.problem or ledger.failure or ledger.line_for(error)
            logger.warning("The end of the crawl could not be written down; the next run finds out by itself")
            stopped = reason == "shutdown" and ledger.gave_up
            self.ending = unwritten(self.problem, ledger.answered, stopped)
            return
        for state, number in counts.items():
            self._set(state, number)

    def _facts(self) -> Mapping[str, Any]:
        return {"api_url": self.base, "version": tvspiders.__version__, "scrapy_version": scrapy.__version__}

    def _take_back(self, ledger: Ledger, number: int, request: Request) -> None:
        retry = meta.retry_note(request) or UNEXPLAINED
        outcome = Retry(str(retry["reason"]), float(retry["delay"]), bool(retry["attempt"]))
        self._count(f"retried/{outcome.reason}")
        ledger.settle(with_outcome(Unit(number, attempts=meta.attempts(request)), outcome))

    def _failed(self, errback: Callable[[Failure], Any] | None, failure: Failure) -> Any:
        """A request without an answer: given back when we stop, else parked for the next run.

        What the spider's own ``errback`` says to that is Scrapy's to work on, as always.
        """
        request: Request = failure.request  # type: ignore[attr-defined]
        unit = Unit(request.meta[meta.ID], attempts=meta.attempts(request))
        ledger = self.ledger
        if ledger is None or not self.holds(request):
            return None
        if isinstance(failure.value, AnotherName) and self.lists is not None:
            self.lists.ask_again(unit.request_id)
            self._wake()
            return None
        if isinstance(failure.value, GivenBack):
            ledger.settle(with_outcome(unit, decide(Failed(Cause.OURS), unit.attempts, self._limits)))
            return None
        # an exception may repeat what a server or a proxy said in the place of an answer
        reason = masked(f"{type(failure.value).__name__}: {failure.getErrorMessage()}".strip(": "))[:300]
        with_outcome(unit, decide(Failed(Cause.OTHER, reason), unit.attempts, self._limits))
        logger.warning("Parked %s after %d attempts: %s", request.url, unit.attempts, reason)
        ledger.settle(unit)
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
            # The last look before the end: a crawl that is being closed cannot be opened anew.
            self._begin(ledger.confirm())
            raise DontCloseSpider

    def _wake(self) -> None:
        """Let the engine look again; its slot has no public way to ask."""
        engine = self.crawler.engine
        slot = engine._slot if engine is not None else None
        if slot is not None and slot.closing is None:
            slot.nextcall.schedule()

    def _variant(self, request: Request, answer: OpenAnswer | None) -> str:
        """Tells a request with ``dont_filter`` from others for the same address; equal in each run."""
        if not request.dont_filter:
            return ""
        if answer is not None:
            answer.repeats += 1
            return f"{answer.unit.request_id}.{answer.repeats}"
        # Scrapy's own start() says dont_filter of each: the first is asked once in a round.
        self._unfiltered[request.url] += 1
        count = self._unfiltered[request.url]
        return f"start.{count}" if count > 1 else ""

    def _refuse(self, problem: str) -> None:
        """The crawl cannot go on with what the spider, or a component, has asked for."""
        if self.problem is None:
            self.problem = problem
            self._give_up(problem)

    def _look_for_stuck(self, ledger: Ledger) -> None:
        """End a crawl that waits for a request which nobody works on any more.

        A downloader middleware that answers a request with another one of its own loses it, for one.
        """
        engine: Any = self.crawler.engine
        slot = engine._slot
        waiting = ledger.waits_for(self._spent)
        if not waiting or slot is None or slot.inprogress or not engine.scraper.slot.is_idle():
            self._stuck_since = None
            return
        now = time.monotonic()
        if self._stuck_since is None:
            self._stuck_since = now
            asyncio.get_running_loop().call_later(STUCK_SECONDS, self._wake)
        elif now - self._stuck_since >= STUCK_SECONDS * 0.9:
            numbers = ", ".join(str(number) for number in sorted(waiting)[:5])
            self._refuse(
                f"request {numbers} was handed out and is lost: nothing works on it any more; "
                "a middleware must return the request that it got, or a copy of it"
            )

    def _give_up(self, message: str) -> None:
        self.crawler.signals.send_catch_log(DATABASE_GIVEN_UP)
        engine = self.crawler.engine
        if engine is not None and engine.spider is not None:
            self._begin(engine.close_spider_async(reason="storage"))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _announce(self, committed: Committed) -> None:
        unit, stats = committed.unit, self.crawler.stats
        if unit.answer is not None and unit.answer.refused == OLDER:
            logger.info("Request %d: %s", unit.request_id, unit.reason)
            if stats:
                stats.inc_value(f"tv/answers/refused/{OLDER}")
        if committed.spared.older and stats:
            stats.inc_value("tv/rows/older", committed.spared.older)
        self.known.remember(committed.unit.items, committed.unit.digests)
        self.crawler.signals.send_catch_log(unit_committed, committed=committed)
        self._count(f"settled/{committed.unit.state}")
        for item in committed.fresh:
            self._count(f"stored/{getattr(item, 'kind', 'item')}")

    def _forget(self) -> None:
        """Another database: what this process has stored, and what is on its way, is not known there."""
        self.known.clear()
        self._unfiltered.clear()
        self._count("opened_again")

    async def _ask_first(self) -> None:
        """Queue the start requests, which the database may have lost; what it holds stays as it is."""
        self.crawler.signals.send_catch_log(DATABASE_CHANGED)
        ledger, spider = self.ledger, self.spider
        async for request in spider.start():
            if ledger is not None and isinstance(request, Request):
                ledger.add(encode(request, spider, self.base, 0, self._variant(request, None)))

    def _count(self, name: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"tv/ledger/{name}")

    def _set(self, name: str, value: int) -> None:
        if self.crawler.stats:
            self.crawler.stats.set_value(f"tv/requests/{name}", value)
