"""The ledger of one crawl in one process: what is leased, what is finished, what is on disk.

Everything that touches the database goes through one loop that does, in one
transaction: write finished units, queue start requests, record how far the
feeds are, keep the leases alive, lease more. While a transaction runs, the
next one collects, so batches grow exactly when they are needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from tvspiders.errors import DatabaseChanged, StorageProblem
from tvspiders.ledger.in_flight import InFlight, LeasedRequests
from tvspiders.ledger.run import CrawlRun, Decide, First
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.ledger.writing.failure import failure_line
from tvspiders.ledger.writing.receipt_clock import ReceiptClock
from tvspiders.ledger.writing.sink import Sink
from tvspiders.ledger.writing.transaction import Batch, BatchResult, BatchWriter
from tvspiders.ledger.writing.write_buffer import WriteBuffer
from tvspiders.steady_clock import steady
from tvspiders.storage.database.errors import is_damage
from tvspiders.storage.queue import crawls, leases, refusals
from tvspiders.storage.queue.leases import Leased
from tvspiders.storage.units import Committed, NewRequest, Unit

logger = logging.getLogger(__name__)
T = TypeVar("T")

MOST_OPENINGS = 5
"""Times that a crawl is opened anew without a transaction of it in between."""


async def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Options:
    """How a ledger works."""

    lease_batch: int = 32
    """Requests leased at a time."""
    lease_seconds: float = 60.0
    """Life of a lease without heartbeat, where workers share a crawl."""
    store_answers: float | None = None
    """Days for which bodies of answers are kept after their round; ``None`` for ever."""
    keep_people: float | None = None
    """Days for which what tells of people is kept once no answer tells it; ``None`` for ever."""
    max_unwritten: int = 32
    """Units in the write buffer, at most; beyond that no request is handed out."""
    in_flight: int = 16
    """Requests in flight that Scrapy works on at a time (``CONCURRENT_REQUESTS``)."""
    linger: float = 0.1
    """Seconds for which a finished unit may wait for others while there is more to ask."""

    @property
    def most_lost_by_a_kill(self) -> int:
        """Requests that a kill between answer and commit costs at most: 48, unless settings say otherwise.

        Those are in flight, or answered and in the write buffer; the next run sends them again. Nothing
        else is lost. ``Ledger.take`` hands out no request beyond it.
        """
        return self.max_unwritten + self.in_flight


class Ledger:
    """See the module's text. All methods but ``start`` and ``finish`` are for the event loop's thread."""

    def __init__(self, database: DatabaseThread, options: Options) -> None:
        self.options = options
        self.owner = uuid.uuid4().hex
        """Name of this worker; another one whenever the crawl is opened."""
        self.crawl: crawls.Crawl | None = None
        self.failure: str | None = None
        """Why the ledger cannot go on, in one line."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when there may be new work, or none left."""
        self.on_failure: Callable[[str], None] = lambda message: None
        self.on_commit: Callable[[Committed], None] = lambda committed: None
        self.on_forget: Callable[[], None] = lambda: None
        """Called when the database is another one: what was remembered of it is not true any more."""
        self.on_opened: Callable[[], Awaitable[None]] = _nothing
        """Called when the crawl was opened anew, to queue its start requests."""
        self.sinks: list[Sink] = []
        self.feed_id: int | None = None
        self.lost = 0
        """Units whose lease another worker had taken over."""
        self.fresh_items = 0
        self.settled = 0
        """Requests that came to an end in this run."""
        self.answered = 0
        """Those of them with an answer that says something of its subject."""
        self._database = database
        self._turns = BatchWriter(database, self.owner, options.lease_seconds, self.sinks)
        self.shared = self._turns.shared
        self._round = CrawlRun(database, self.shared, options.store_answers, options.keep_people)
        self._stock = LeasedRequests(self.owner)
        self._unwritten = WriteBuffer()
        self._stirred = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self.confirmed = False
        """Whether that was so when nothing was left to do."""
        self._closing = False
        self._refused: Mapping[str, int] = {}
        self._opening = asyncio.Lock()
        self._highest = 0
        """Highest number of a request that this worker has leased."""
        self._openings = 0
        """Since the last transaction that went well."""
        self.clock = ReceiptClock()

    # -- opening and closing ---------------------------------------------------------------------

    async def start(
        self,
        spider: str,
        arguments: Mapping[str, Any],
        name: str | None,
        facts: Mapping[str, Any],
        first: First | None = None,
    ) -> crawls.Crawl:
        """Open the crawl, take back what dead workers held, begin to work.

        ``first`` reads from the database what a new round begins with; such a crawl goes on only
        with a round that was cut short: what is left of any other was not worth its request.

        Raises ``StorageProblem`` (``CrawlBusy`` when another process owns the crawl).
        """
        opened = await self._round.open(self.owner, spider, arguments, name, facts, first, self.clock)
        self.crawl = crawl = opened.crawl
        self.clock = ReceiptClock(opened.newest_receipt)
        self._refused = opened.refused
        if crawl.resumed:
            logger.info(
                "Crawl %d goes on; %d requests were in flight when it ended", crawl.id, opened.reclaimed
            )
        self._loop = asyncio.create_task(self._work())
        self.stir()
        return crawl

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Run a job of a component beside the ledger in a transaction.

        Raises ``DatabaseChanged`` when the crawl had to be opened anew for it; then nothing was done.
        """
        async with self._opening:
            owner = self.owner
        if self.failure:
            raise StorageProblem(self.failure)
        try:
            return await self._database.run(job)
        except DatabaseChanged as error:
            await self._open_anew(error, owner)
            raise

    async def counts(self) -> dict[str, int]:
        """Requests of the crawl in each state, other workers' included."""
        crawl = self.crawl
        if crawl is None:
            return dict.fromkeys(leases.STATES, 0)
        return await self.run(lambda connection: leases.counts(connection, crawl.id))

    async def flush(self) -> bool:
        """Write all that is finished; False when the database did not let us."""
        while self._unwritten.anything and self.failure is None:
            self.stir()
            await asyncio.sleep(0.005)
        return not (self._unwritten.units or self._unwritten.seeds)

    async def finish(self, decide: Decide) -> dict[str, int]:
        """Give back what is not finished and write down how the run ended; returns the counts.

        ``decide`` gets the counts, whether other workers go on and what else there is to say of the
        round, and gives verdict and reason.
        """
        self._closing = True
        if self._loop is not None:
            self._loop.cancel()
        for timer in (self._alarm, self._lingering):
            if timer is not None:
                timer.cancel()
        crawl = self.crawl
        if crawl is None:
            return dict.fromkeys(leases.STATES, 0)
        try:
            for sink in self.sinks:
                await sink.finish()
        except StorageProblem as error:
            self.failure = self.failure or str(error)
            self.sinks.clear()
        return await self._round.close(crawl.id, self.owner, decide, self.sinks, self.clock, self.idle)

    async def confirm(self) -> None:
        """Look whether the database still holds what this worker wrote; see ``confirmed``."""
        try:
            await self.run(lambda connection: None)
            self.confirmed = True
        except Exception as error:
            if not isinstance(error, DatabaseChanged):
                self._fail(error)
        self.on_change()

    def follow(self, sink: Sink) -> None:
        """Write what is committed from now on to a sink, such as a feed."""
        self.sinks.append(sink)

    # -- the scheduler's side --------------------------------------------------------------------

    def take(self) -> Leased | None:
        """The next request to ask, ``None`` when there is none at the moment."""
        if self._opening.locked():
            return None
        unwritten, at_risk = self._unwritten.answers, self._unwritten.answers + len(self.in_flight)
        full = unwritten > self.options.max_unwritten or at_risk >= self.options.most_lost_by_a_kill
        if self._closing or self.failure or full:
            self.stir()
            return None
        if len(self._stock.ready) <= self.options.lease_batch // 2 and not self._stock.dry:
            self.stir()
        if not self._stock.ready:
            if self._unwritten.units:
                self.stir()
            return None
        self.confirmed = False
        return self._stock.hand_out()

    def add(self, request: NewRequest) -> None:
        """Queue a start request."""
        self._unwritten.seeds.append((None, request))
        self._stock.dry = False
        self.stir()

    def settle(self, unit: Unit) -> None:
        """A leased request has come to something; it is acknowledged with the next transaction."""
        if self.in_flight.end(unit.request_id):
            self._unwritten.units.append(unit)
            self._write_soon()

    def holds(self, request_id: int) -> bool:
        """Whether this request is in flight."""
        return request_id in self.in_flight

    @property
    def in_flight(self) -> InFlight:
        """The requests that were handed out and are not acknowledged."""
        return self._stock.in_flight

    def hides(self, path: str) -> bool:
        """Whether a thing that is refused once more counts as hidden (see ``storage.queue.refusals``)."""
        return self._refused.get(path, 0) >= refusals.HIDDEN_AFTER_ROUNDS - 1

    def waits_for(self, spent: bool) -> set[int]:
        """Requests that are out while nothing else is to be done; ``spent``: nothing may be handed out."""
        if self._unwritten.anything or not (spent or self._stock.exhausted):
            return set()
        return set(self.in_flight)

    @property
    def idle(self) -> bool | None:
        """Whether this run tried again what an earlier one could not get, and brought nothing.

        ``None`` when it brought nothing and was not the one that began: it does not know.
        """
        previous = self.crawl.previous if self.crawl is not None else None
        if self.fresh_items or previous not in (crawls.PARTIAL, crawls.RUNNING):
            return False
        return True if previous == crawls.PARTIAL else None

    @property
    def unsettled(self) -> bool:
        """Whether anything that was handed out is not on disk yet."""
        return bool(self.in_flight) or self._unwritten.anything or self._opening.locked()

    @property
    def drained(self) -> bool:
        """Whether nothing is left to do, here or with other workers."""
        if self.failure:
            return True
        return not self.unsettled and self._stock.exhausted

    def stir(self) -> None:
        """Ask for a transaction."""
        self._stirred.set()

    def look_again(self) -> None:
        """Look for requests to lease, though there were none a moment ago."""
        self._stock.dry = False
        self.stir()

    def _write_soon(self) -> None:
        """Ask for a transaction at once when the crawl waits for it, else when it is worth one."""
        if not self._stock.ready or len(self._unwritten.units) >= self.options.lease_batch // 2:
            self.stir()
        elif self._lingering is None:
            loop = asyncio.get_running_loop()
            self._lingering = loop.call_later(self.options.linger, self._linger_no_more)

    def _linger_no_more(self) -> None:
        self._lingering = None
        self.stir()

    def give_up_after(self, moment: float) -> None:
        """Do not wait for the database beyond this moment (monotonic clock); the first one counts."""
        if self._database.give_up_at is None:
            self._database.give_up_at = moment

    # -- the loop --------------------------------------------------------------------------------

    async def _work(self) -> None:
        beat = steady()
        while not self._closing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), self.options.lease_seconds / 4)
            self._stirred.clear()
            now = steady()
            heartbeat = self.shared and now - beat > self.options.lease_seconds / 4
            if heartbeat:
                beat = now
            owner = self.owner
            try:
                await self._turn(heartbeat)
                self._openings = 0
            except Exception as error:
                found = await self._judge(error) if is_damage(error) else error
                if isinstance(found, DatabaseChanged):
                    await self._open_anew(found, owner)
                else:
                    self._fail(found)
                if self.failure:
                    return

    async def _turn(self, heartbeat: bool) -> None:
        if self.crawl is None:
            raise StorageProblem("the crawl is not open")
        unwritten, stock = self._unwritten, self._stock
        units, seeds = unwritten.next_batch()
        room = self.options.lease_batch - len(stock.ready)
        wanted = 0 if stock.dry and not units and not seeds else max(0, room)
        if not (units or seeds or heartbeat or wanted):
            return
        unwritten.writing = len(units) + len(seeds)
        order = Batch(self.crawl.id, self.feed_id, units, seeds, wanted, heartbeat)
        try:
            turn = await self._turns.run(order)
        except BaseException:
            unwritten.put_back(units, seeds)
            raise
        finally:
            unwritten.writing = 0
        self._note(turn, len(units))
        stock.ready.extend(turn.leased)
        self._highest = max(self._highest, *(leased.id for leased in turn.leased), 0)
        if wanted:
            self._look_ahead(turn)
        if unwritten.seeds:
            self.stir()
        elif unwritten.units:
            self._write_soon()
        self.on_change()

    def _note(self, turn: BatchResult, units: int) -> None:
        """Count what is on disk now, and tell those who follow."""
        for line in turn.drift:
            logger.warning("The API's answers changed: %s", line)
        self.lost += units - len(turn.committed)
        self.settled += sum(committed.unit.state != "queued" for committed in turn.committed)
        self.answered += sum(committed.unit.state in ("done", "gone") for committed in turn.committed)
        for committed in turn.committed:
            self.fresh_items += len(committed.fresh)
            self.on_commit(committed)
            for sink in self.sinks:
                sink.write(committed)

    def _look_ahead(self, turn: BatchResult) -> None:
        """Remember that nothing is to be had, and look again when that may have changed."""
        pause = self._stock.looked(bool(turn.leased), turn.outlook)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if pause is not None:
            self._alarm = asyncio.get_running_loop().call_later(pause, self.look_again)

    @property
    def gave_up(self) -> bool:
        """Whether the process had to end while the database was waited for."""
        return self._database.gave_up

    def line_for(self, error: Exception) -> str:
        """What an error of the database means, and what helps."""
        return failure_line(error, self._database.engine)

    async def _judge(self, damage: Exception) -> Exception:
        """A file that another one is just being copied over looks damaged, and is not when that is done."""
        try:
            await self._round.look_again()
            await self._database.run(lambda connection: None)
        except Exception as found:
            return found
        return damage

    async def _open_anew(self, error: Exception, owner: str) -> None:
        """Forget the database that is not there any more, and open the crawl in the one that is.

        ``owner`` is who met the error: of several jobs that did, only the first has anything to do.
        """
        async with self._opening:
            while owner == self.owner and not self._closing and self.failure is None:
                self._openings += 1
                if self._openings > MOST_OPENINGS:
                    self._fail(error)
                    break
                logger.warning("The crawl is opened anew: %s", self.line_for(error))
                try:
                    await self._open_once()
                except DatabaseChanged as again:
                    error, owner = again, self.owner
                except Exception as again:
                    self._fail(again)
        self.look_again()
        self.on_change()

    async def _open_once(self) -> None:
        self.owner = self._turns.owner = uuid.uuid4().hex
        self._stock, self._unwritten = LeasedRequests(self.owner), WriteBuffer()
        self.on_forget()
        opened = await self._round.open_again(self.owner, self.clock, self._highest)
        self.crawl, self._refused = opened.crawl, opened.refused
        self.clock.raise_to(opened.newest_receipt)
        for sink in self.sinks:
            await sink.begin_again(self._database.run)
        await self.on_opened()

    def _fail(self, error: Exception) -> None:
        self.failure = self.line_for(error)
        self.on_failure(self.failure)
        self.on_change()
