"""The ledger of one crawl in one process: what is leased, what is finished, what is on disk.

Everything that it writes goes through ``commit_loop.CommitLoop``. When the database turns out to be another
one, or an older state of the same, the crawl is opened again in it.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection

from tvspiders.errors import DatabaseChanged, StorageProblem
from tvspiders.ledger.commit_loop import CommitLoop, Follower
from tvspiders.ledger.in_flight import InFlight, Options
from tvspiders.ledger.recovery import Recovery
from tvspiders.ledger.run import CrawlRun, Decide, First, is_idle
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.ledger.writing.receipt_clock import ReceiptClock
from tvspiders.ledger.writing.transaction import BatchResult, BatchWriter, Sink
from tvspiders.storage.queue import crawls, leases, refusals
from tvspiders.storage.queue.leases import Leased
from tvspiders.storage.units import NewRequest, Unit

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Ledger:
    """See the module's text. All methods but ``start`` and ``finish`` are for the event loop's thread."""

    def __init__(self, database: DatabaseThread, options: Options) -> None:
        self.options = options
        self.crawl: crawls.Crawl | None = None
        self.failure: str | None = None
        """Why the ledger cannot go on, in one line."""
        self.sinks: list[Sink] = []
        self.lost = 0
        """Units whose lease another worker had taken over."""
        self.fresh_items = 0
        self.settled = 0
        """Requests that came to an end in this run."""
        self.answered = 0
        """Those of them with an answer that says something of its subject."""
        self.confirmed = False
        """Whether the database held what this worker wrote when nothing was left to do."""
        self.clock = ReceiptClock()
        self._follower = Follower()
        self.database = database
        writer = BatchWriter(database, uuid.uuid4().hex, options.lease_seconds, self.sinks)
        self.shared = writer.shared
        """Whether other workers may be in the same crawl."""
        self._commits = CommitLoop(writer, options, self._note, self._changed, self._recover)
        self._crawl_run = CrawlRun(database, self.shared, options.keep_answers, options.keep_people)
        self._closing = False
        self._refused: Mapping[str, int] = {}
        self._recovery = Recovery(
            database,
            self._crawl_run,
            lambda: None if self._closing or self.failure else self.owner,
            self._open_once,
        )

    @property
    def owner(self) -> str:
        """Name of this worker; another one whenever the crawl is opened."""
        return self._commits.owner

    @property
    def in_flight(self) -> InFlight:
        """The requests that were handed out and are not acknowledged."""
        return self._commits.leased.in_flight

    @property
    def feed_id(self) -> int | None:
        """Feed that answers are marked with."""
        return self._commits.feed_id

    @feed_id.setter
    def feed_id(self, number: int | None) -> None:
        self._commits.feed_id = number

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
        opened = await self._crawl_run.open(self.owner, spider, arguments, name, facts, first, self.clock)
        self.crawl = crawl = opened.crawl
        self.clock = ReceiptClock(opened.newest_receipt)
        self._refused = opened.refused
        if crawl.resumed:
            text = "Crawl %d goes on; %d requests were in flight when it ended"
            logger.info(text, crawl.id, opened.reclaimed)
        self._commits.begin(crawl.id)
        return crawl

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Run a job of a component beside the ledger in a transaction.

        Raises ``DatabaseChanged`` when the crawl had to be opened again for it; then nothing was done.
        """
        owner = await self._recovery.settled_owner()
        if self.failure:
            raise StorageProblem(self.failure)
        try:
            return await self.database.run(job)
        except DatabaseChanged as error:
            await self._recover(error, owner)
            raise

    async def counts(self) -> dict[str, int]:
        """Requests of the crawl in each state, other workers' included."""
        crawl = self.crawl
        if crawl is None:
            return dict.fromkeys(leases.STATES, 0)
        return await self.run(lambda connection: leases.counts(connection, crawl.id))

    async def flush(self) -> bool:
        """Write all that is finished; False when the database did not let us."""
        while (buffer := self._commits.buffer).anything and self.failure is None:
            self._commits.wake()
            await asyncio.sleep(0.005)
        return not (buffer.units or buffer.seeds)

    async def finish(self, decide: Decide) -> dict[str, int]:
        """Give back what is not finished and write down how the run ended; returns the counts.

        ``decide`` gets the counts, whether other workers go on and what else there is to say of the
        round, and gives verdict and reason.
        """
        self._closing = True
        self._commits.stop()
        crawl = self.crawl
        if crawl is None:
            return dict.fromkeys(leases.STATES, 0)
        try:
            for sink in self.sinks:
                await sink.finish()
        except StorageProblem as error:
            self.failure = self.failure or str(error)
            self.sinks.clear()
        return await self._crawl_run.close(crawl.id, self.owner, decide, self.sinks, self.clock, self.idle)

    def abandon(self) -> None:
        """Leave all as a process does that dies: nothing is written any more, and the lock is free."""
        self._closing = True
        self._commits.stop()
        if self._crawl_run.ownership is not None:
            self._crawl_run.ownership.give_back()
        self.database.close(wait=60.0)

    async def confirm(self) -> None:
        """Look whether the database still holds what this worker wrote; see ``confirmed``."""
        try:
            await self.run(lambda connection: None)
            self.confirmed = True
        except Exception as error:
            if not isinstance(error, DatabaseChanged):
                self._fail(error)
        self._follower.changed()

    def report_to(self, follower: Follower) -> None:
        """Report to the component that the ledger works for."""
        self._follower = follower

    def follow(self, sink: Sink) -> None:
        """Write what is committed from now on to a sink, such as a feed."""
        self.sinks.append(sink)

    # -- the scheduler's side --------------------------------------------------------------------

    def take(self) -> Leased | None:
        """The next request to send, ``None`` when there is none at the moment.

        None is handed out that would make a kill cost more than ``Options.most_lost_by_a_kill``.
        """
        if self._recovery.at_work:
            return None
        commits = self._commits
        buffer, leased = commits.buffer, commits.leased
        if self._closing or self.failure or self.options.is_full(buffer.answers, len(leased.in_flight)):
            commits.wake()
            return None
        if len(leased.ready) <= self.options.lease_batch // 2 and not leased.dry:
            commits.wake()
        if not leased.ready:
            if buffer.units:
                commits.wake()
            return None
        self.confirmed = False
        return leased.hand_out()

    def add(self, request: NewRequest) -> None:
        """Queue a start request."""
        self._commits.buffer.seeds.append((None, request))
        self._commits.look_again()

    def acknowledge(self, unit: Unit) -> None:
        """Acknowledge a request in flight, with the next transaction."""
        if self.in_flight.end(unit.request_id):
            self._commits.buffer.units.append(unit)
            self._commits.commit_soon()

    def holds(self, request_id: int) -> bool:
        """Whether this request is in flight."""
        return request_id in self.in_flight

    def hides(self, path: str) -> bool:
        """Whether a thing that is refused once more counts as hidden (see ``storage.queue.refusals``)."""
        return self._refused.get(path, 0) >= refusals.HIDDEN_AFTER_ROUNDS - 1

    def waits_for(self, spent: bool) -> set[int]:
        """Requests that are out while nothing else is to be done; ``spent``: nothing may be handed out."""
        if self._commits.buffer.anything or not (spent or self._commits.leased.exhausted):
            return set()
        return set(self.in_flight)

    @property
    def idle(self) -> bool | None:
        """See ``run.is_idle``."""
        return is_idle(self.crawl.previous if self.crawl is not None else None, self.fresh_items)

    @property
    def unacknowledged(self) -> bool:
        """Whether anything that was handed out is not on disk yet."""
        return bool(self.in_flight) or self._commits.buffer.anything or self._recovery.at_work

    @property
    def drained(self) -> bool:
        """Whether nothing is left to do, here or with other workers."""
        if self.failure:
            return True
        return not self.unacknowledged and self._commits.leased.exhausted

    def look_again(self) -> None:
        """Look for requests to lease, though there were none a moment ago."""
        self._commits.look_again()

    # -- inside ----------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._follower.changed()

    def _note(self, result: BatchResult, units: int) -> None:
        """Count what is on disk now, and report it."""
        for line in result.drift:
            logger.warning("The API's answers changed: %s", line)
        self.lost += units - len(result.committed)
        self.settled += sum(committed.unit.state != "queued" for committed in result.committed)
        self.answered += sum(committed.unit.state in ("done", "gone") for committed in result.committed)
        for committed in result.committed:
            self.fresh_items += len(committed.fresh)
            self._follower.committed(committed)
            for sink in self.sinks:
                sink.write(committed)

    async def _recover(self, error: Exception, owner: str | None) -> bool:
        """Open the crawl again where that helps, else fail; returns whether the ledger goes on."""
        try:
            cause = await self._recovery.cause_of(error)
            if not isinstance(cause, DatabaseChanged):
                raise cause
            await self._recovery.open_again(cause, owner, lambda: self._commits.resets)
        except Exception as final:
            self._fail(final)
        self.look_again()
        self._follower.changed()
        return self.failure is None

    async def _open_once(self) -> None:
        self._commits.reset(uuid.uuid4().hex)
        self._follower.forgotten()
        opened = await self._crawl_run.open_again(self.owner, self.clock, self._commits.highest)
        self.crawl, self._refused = opened.crawl, opened.refused
        self._commits.crawl_id = opened.crawl.id
        self.clock.raise_to(opened.newest_receipt)
        for sink in self.sinks:
            await sink.begin_again(self.database.run)
        await self._follower.opened_again()

    def _fail(self, error: Exception) -> None:
        self.failure = self.database.line_for(error)
        self._follower.failed(self.failure)
        self._follower.changed()
