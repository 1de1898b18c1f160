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
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tvspiders.errors import StorageProblem
from tvspiders.ledger.database_thread import DatabaseThread
from tvspiders.ledger.ownership import Ownership, describe_self
from tvspiders.ledger.receipt_clock import ReceiptClock
from tvspiders.storage import crawls, feeds, frontier
from tvspiders.storage.commit import commit_units, committed_before
from tvspiders.storage.frontier import Leased, Outlook
from tvspiders.storage.requests import add_requests
from tvspiders.storage.schema import damaged, one_line, prepare_schema
from tvspiders.storage.trouble import Trouble, is_damage, trouble_of
from tvspiders.storage.units import Answer, Committed, NewRequest, Unit

logger = logging.getLogger(__name__)
T = TypeVar("T")

MAX_ITEMS = 100
"""Items in one transaction; a unit is never split."""


class Sink(Protocol):
    """Something that follows what is on disk, such as a feed."""

    def write(self, committed: Committed) -> None:
        """Take the fresh items of one unit, in the order of commits."""

    def record(self, connection: Connection) -> None:
        """Note in the database how far the sink is; part of the next transaction."""

    async def finish(self) -> None:
        """Bring the sink to its end, before the crawl's end is written down."""


@dataclass(frozen=True)
class Options:
    """How a ledger works."""

    lease_batch: int = 32
    """Requests leased at a time."""
    lease_seconds: float = 60.0
    """Life of a lease without heartbeat, where workers share a crawl."""
    keep_answers: float | None = None
    """Days for which bodies of answers are kept after their round; ``None`` for ever."""
    max_unwritten: int = 32
    """Finished units that are not on disk yet; more are not fetched, so a crash costs no more than these
    and what is in flight."""
    linger: float = 0.1
    """Seconds for which a finished unit may wait for others while there is more to ask."""


@dataclass
class _Turn:
    """What one transaction brought."""

    committed: list[Committed] = field(default_factory=list)
    leased: list[Leased] = field(default_factory=list)
    outlook: Outlook | None = None


class Ledger:
    """See the module's text. All methods but ``start`` and ``finish`` are for the event loop's thread."""

    def __init__(self, database: DatabaseThread, options: Options) -> None:
        self.options = options
        self.owner = uuid.uuid4().hex
        self.crawl: crawls.Crawl | None = None
        self.failure: str | None = None
        """Why the ledger cannot go on, in one line."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when there may be new work, or none left."""
        self.on_failure: Callable[[str], None] = lambda message: None
        self.on_commit: Callable[[Committed], None] = lambda committed: None
        self.sinks: list[Sink] = []
        self.feed_id: int | None = None
        self.lost = 0
        """Units whose lease another worker had taken over."""
        self.fresh_items = 0
        self.settled = 0
        """Requests that came to an end in this run."""
        self._database = database
        self.shared = database.engine.dialect.name == "postgresql"
        self._ownership: Ownership | None = None
        self._ready: deque[Leased] = deque()
        self._open: set[int] = set()
        self._finished: deque[Unit] = deque()
        self._seeds: deque[tuple[int | None, NewRequest]] = deque()
        self._writing = 0
        self._outlook: Outlook | None = None
        self._dry = False
        self._stirred = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._closing = False
        self.clock = ReceiptClock()

    # -- opening and closing ---------------------------------------------------------------------

    async def start(
        self,
        spider: str,
        arguments: Mapping[str, Any],
        name: str | None,
        facts: Mapping[str, Any],
        first: Callable[[Connection], list[NewRequest]] | None = None,
    ) -> crawls.Crawl:
        """Open the crawl, take back what dead workers held, begin to work.

        ``first`` reads from the database what a new round begins with; such a crawl goes on only
        with a round that was cut short: what is left of any other was not worth its request.

        Raises ``StorageProblem`` (``CrawlBusy`` when another process owns the crawl).
        """
        engine = self._database.engine
        await self._database.call(lambda: prepare_schema(engine))
        self._ownership = Ownership(engine, crawls.identity_of(spider, arguments, name))
        self._ownership.take()

        def opened(connection: Connection) -> tuple[crawls.Crawl, str | None, int]:
            crawl = crawls.open_crawl(
                connection,
                spider,
                arguments,
                name,
                self.clock.now(),
                {"owner": describe_self(), **facts},
            )
            if first is not None and not crawl.resumed:
                add_requests(connection, crawl.id, [(None, request) for request in first(connection)])
            reclaimed = frontier.reclaim(connection, crawl.id, everything=not self.shared)
            others = frontier.outlook(connection, crawl.id, self.owner).held_by_others
            if crawl.resumed and not others:
                frontier.retry_failed(connection, crawl.id)
            if self.options.keep_answers is not None:
                limit = datetime.now(UTC) - timedelta(days=self.options.keep_answers)
                crawls.forget_answers(connection, limit.isoformat(timespec="milliseconds"))
            return crawl, feeds.newest_receipt(connection, crawl.id), reclaimed

        try:
            crawl, floor, reclaimed = await self._database.run(opened, limited=False)
        except Exception as error:
            self._ownership.give_back()
            raise StorageProblem(f"database cannot be used: {one_line(error)}") from error
        self.crawl = crawl
        self.clock = ReceiptClock(floor)
        if crawl.resumed:
            logger.info("Crawl %d goes on; %d requests were in flight when it ended", crawl.id, reclaimed)
        self._loop = asyncio.create_task(self._work())
        self.stir()
        return crawl

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Run a job of a component beside the ledger in a transaction."""
        return await self._database.run(job)

    async def counts(self) -> dict[str, int]:
        """Requests of the crawl in each state, other workers' included."""
        crawl = self.crawl
        if crawl is None:
            return dict.fromkeys(frontier.STATES, 0)
        return await self.run(lambda connection: frontier.counts(connection, crawl.id))

    async def flush(self) -> bool:
        """Write all that is finished; False when the database did not let us."""
        while (self._finished or self._seeds or self._writing) and self.failure is None:
            self.stir()
            await asyncio.sleep(0.005)
        return not (self._finished or self._seeds)

    async def finish(
        self, decide: Callable[[dict[str, int], bool], tuple[str, str | None]]
    ) -> dict[str, int]:
        """Give back what is not finished and write down how the run ended; returns the counts.

        ``decide`` gets the counts and whether other workers go on, and gives verdict and reason.
        """
        self._closing = True
        if self._loop is not None:
            self._loop.cancel()
        for timer in (self._alarm, self._lingering):
            if timer is not None:
                timer.cancel()
        crawl = self.crawl
        if crawl is None:
            return dict.fromkeys(frontier.STATES, 0)
        try:
            for sink in self.sinks:
                await sink.finish()
        except StorageProblem as error:
            self.failure = self.failure or str(error)
            self.sinks.clear()

        def closed(connection: Connection) -> dict[str, int]:
            frontier.release(connection, crawl.id, self.owner)
            for sink in self.sinks:
                sink.record(connection)
            counts = frontier.counts(connection, crawl.id)
            verdict, reason = decide(counts, counts["leased"] > 0)
            if not counts["leased"]:
                crawls.close_crawl(connection, crawl.id, verdict, reason, self.clock.now(), counts, self.idle)
            return counts

        try:
            return await self._database.run(closed)
        finally:
            if self._ownership is not None:
                self._ownership.give_back()
            self._database.close()

    # -- the scheduler's side --------------------------------------------------------------------

    def take(self) -> Leased | None:
        """The next request to ask, ``None`` when there is none at the moment."""
        if self._closing or self.failure or self._unwritten > self.options.max_unwritten:
            self.stir()
            return None
        if len(self._ready) <= self.options.lease_batch // 2 and not self._dry:
            self.stir()
        if not self._ready:
            if self._finished:
                self.stir()
            return None
        leased = self._ready.popleft()
        self._open.add(leased.id)
        return leased

    def add(self, request: NewRequest) -> None:
        """Queue a start request."""
        self._seeds.append((None, request))
        self._dry = False
        self.stir()

    def settle(self, unit: Unit) -> None:
        """A leased request has come to something; it is acknowledged with the next transaction."""
        if unit.request_id in self._open:
            self._open.discard(unit.request_id)
            self._finished.append(unit)
            self._write_soon()

    def holds(self, request_id: int) -> bool:
        """Whether this request was handed out and has not come to anything yet."""
        return request_id in self._open

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
        return bool(self._open or self._finished or self._seeds or self._writing)

    @property
    def drained(self) -> bool:
        """Whether nothing is left to do, here or with other workers."""
        if self.failure:
            return True
        if self.unsettled or self._ready or not self._dry or self._outlook is None:
            return False
        return not self._outlook.queued and not self._outlook.held_by_others

    def stir(self) -> None:
        """Ask for a transaction."""
        self._stirred.set()

    def _write_soon(self) -> None:
        """Ask for a transaction at once when the crawl waits for it, else when it is worth one."""
        if not self._ready or len(self._finished) >= self.options.lease_batch // 2:
            self.stir()
        elif self._lingering is None:
            loop = asyncio.get_running_loop()
            self._lingering = loop.call_later(self.options.linger, self._linger_no_more)

    def _linger_no_more(self) -> None:
        self._lingering = None
        self.stir()

    @property
    def _unwritten(self) -> int:
        """Finished units that a crash would forget."""
        return len(self._finished) + self._writing

    def give_up_after(self, moment: float) -> None:
        """Do not wait for the database beyond this moment (monotonic clock); the first one counts."""
        if self._database.give_up_at is None:
            self._database.give_up_at = moment

    # -- the loop --------------------------------------------------------------------------------

    async def _work(self) -> None:
        beat = asyncio.get_running_loop().time()
        while not self._closing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), self.options.lease_seconds / 4)
            self._stirred.clear()
            now = asyncio.get_running_loop().time()
            heartbeat = self.shared and now - beat > self.options.lease_seconds / 4
            if heartbeat:
                beat = now
            try:
                await self._turn(heartbeat)
            except Exception as error:
                self._fail(error)
                return

    async def _turn(self, heartbeat: bool) -> None:
        units = self._next_units()
        seeds = [self._seeds.popleft() for _ in range(min(len(self._seeds), 1000))]
        room = self.options.lease_batch - len(self._ready)
        wanted = 0 if self._dry and not units and not seeds else max(0, room)
        if not (units or seeds or heartbeat or wanted):
            return
        self._writing = len(units) + len(seeds)
        try:
            turn = await self._transaction(units, seeds, wanted, heartbeat)
        except BaseException:
            # Nothing of it is on disk: it is still owed.
            self._finished.extendleft(reversed(units))
            self._seeds.extendleft(reversed(seeds))
            raise
        finally:
            self._writing = 0
        self.lost += len(units) - len(turn.committed)
        self.settled += sum(committed.unit.state != "queued" for committed in turn.committed)
        for committed in turn.committed:
            self.fresh_items += len(committed.fresh)
            self.on_commit(committed)
            for sink in self.sinks:
                sink.write(committed)
        self._ready.extend(turn.leased)
        if wanted:
            self._look_ahead(turn)
        if self._seeds:
            self.stir()
        elif self._finished:
            self._write_soon()
        self.on_change()

    def _next_units(self) -> list[Unit]:
        units: list[Unit] = []
        size = 0
        while self._finished and (not units or size + len(self._finished[0].items) <= MAX_ITEMS):
            units.append(self._finished.popleft())
            size += max(1, len(units[-1].items))
        return units

    async def _transaction(
        self,
        units: list[Unit],
        seeds: list[tuple[int | None, NewRequest]],
        wanted: int,
        heartbeat: bool,
        races: int = 3,
    ) -> _Turn:
        known = self._open.union(leased.id for leased in self._ready)
        known.update(unit.request_id for unit in (*units, *self._finished))
        tries = 0

        def job(connection: Connection) -> _Turn:
            nonlocal tries
            tries += 1
            return self._transact(connection, units, seeds, wanted, heartbeat, known if tries > 1 else None)

        try:
            return await self._database.run(job)
        except Exception as error:
            if trouble_of(error) is not Trouble.ROW or not units:
                raise
            if len(units) == 1 and isinstance(error, IntegrityError) and races and self.shared:
                # Another worker has just written the same key; now that it is there, we shall see it.
                return await self._transaction(units, seeds, wanted, heartbeat, races - 1)
            if len(units) == 1 and units[0].answer is not None and units[0].answer.refused == "row":
                raise
            if len(units) == 1:
                logger.error(
                    "The database refuses a row of request %d: %s", units[0].request_id, one_line(error)
                )
                return await self._transaction([refused(units[0], one_line(error))], seeds, wanted, heartbeat)
        whole = _Turn()
        for unit in units:
            part = await self._transaction([unit], [], 0, False)
            whole.committed += part.committed
        rest = await self._transaction([], seeds, wanted, heartbeat)
        return _Turn(whole.committed, rest.leased, rest.outlook)

    def _transact(
        self,
        connection: Connection,
        units: list[Unit],
        seeds: list[tuple[int | None, NewRequest]],
        wanted: int,
        heartbeat: bool,
        known: set[int] | None = None,
    ) -> _Turn:
        """All of a turn; ``known`` are the requests we know to hold, given when it is tried again.

        The try before may have been committed all the same, when only the
        database's word on it was lost with the connection.
        """
        if self.crawl is None:
            raise StorageProblem("the crawl is not open")
        turn = _Turn()
        if units and known is not None:
            turn.committed = committed_before(connection, self.crawl.id, self.feed_id, units)
        if units:
            turn.committed += commit_units(connection, self.crawl.id, self.owner, units, self.feed_id)
        if seeds:
            add_requests(connection, self.crawl.id, seeds)
        for sink in self.sinks:
            sink.record(connection)
        if heartbeat or (known is not None and self.shared):
            frontier.prolong(connection, self.crawl.id, self.owner, self.options.lease_seconds)
        if wanted and known is not None:
            turn.leased = frontier.forgotten(connection, self.crawl.id, self.owner, known)
        if wanted and not turn.leased:
            turn.leased = self._lease(connection, self.crawl.id, wanted)
            if not turn.leased:
                turn.outlook = frontier.outlook(connection, self.crawl.id, self.owner)
        return turn

    def _lease(self, connection: Connection, crawl_id: int, wanted: int) -> list[Leased]:
        seconds = self.options.lease_seconds
        leased = frontier.lease(connection, crawl_id, self.owner, wanted, seconds)
        if not leased and self.shared and frontier.reclaim(connection, crawl_id, owner=self.owner):
            leased = frontier.lease(connection, crawl_id, self.owner, wanted, seconds)
        return leased

    def _look_ahead(self, turn: _Turn) -> None:
        """Remember that nothing is to be had, and look again when that may have changed."""
        self._dry = not turn.leased
        self._outlook = turn.outlook
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if turn.outlook is None:
            return
        pause = 1.0 if turn.outlook.held_by_others else None
        if turn.outlook.next_in is not None:
            pause = min(turn.outlook.next_in + 0.01, pause or 60.0)
        if pause is not None:
            self._alarm = asyncio.get_running_loop().call_later(pause, self._look_again)

    def _look_again(self) -> None:
        self._dry = False
        self.stir()

    def _fail(self, error: Exception) -> None:
        kind = trouble_of(error)
        if isinstance(error, StorageProblem):
            self.failure = str(error)
        elif kind is Trouble.FULL:
            full = "full" in one_line(error).lower() or "space" in one_line(error).lower()
            advice = f"{'make room' if full else 'mend that'}, then run the same command again"
            self.failure = f"the database cannot be written: {one_line(error)}; {advice}"
        elif kind is Trouble.WAIT:
            self.failure = f"the database did not answer in time: {one_line(error)}"
        elif is_damage(error):
            self.failure = damaged(self._database.engine, error)
        else:
            self.failure = f"the database failed: {one_line(error)}"
            logger.error("Unexpected database error", exc_info=error)
        self.on_failure(self.failure)
        self.on_change()


def refused(unit: Unit, why: str) -> Unit:
    """The unit without what it produced: its answer is kept raw, with the reason."""
    answer = unit.answer
    if answer is not None:
        answer = Answer(
            answer.status,
            answer.received_at,
            answer.body,
            answer.headers,
            refused="row",
            scrubbed=answer.scrubbed,
        )
    return Unit(unit.request_id, "quarantined", f"row: {why}", unit.attempts, answer=answer)
