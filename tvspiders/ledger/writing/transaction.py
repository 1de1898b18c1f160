"""One transaction of the ledger: units are written, requests queued, leases kept alive and taken."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tvspiders.ledger.answers.ages import refuse_older
from tvspiders.ledger.answers.drift import note_fields
from tvspiders.ledger.answers.extra_requests import within_cap
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.ledger.writing.lease_watch import LeaseWatch
from tvspiders.ledger.writing.write_buffer import Seed
from tvspiders.storage.commit import commit_units
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.database.schema import one_line
from tvspiders.storage.queue import leases
from tvspiders.storage.queue.leases import Leased, Outlook
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.units import Answer, Committed, Unit

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Run(Protocol):
    """Runs a job in a transaction."""

    def __call__(self, job: Callable[[Connection], T], /) -> Awaitable[T]:
        """Run it."""


class Sink(Protocol):
    """Something that follows what is on disk, such as a feed."""

    def write(self, committed: Committed) -> None:
        """Take the fresh items of one unit, in the order of commits."""

    def take(self, output: Any) -> None:
        """Take an item of a user's own that came with no answer, as from ``start()``."""

    def record(self, connection: Connection) -> None:
        """Note in the database how far the sink is; part of the next transaction."""

    async def begin_again(self, run: Run) -> None:
        """Go back to the place that another database knows; ``run`` runs a job in a transaction there."""

    async def finish(self) -> None:
        """Bring the sink to its end, before the crawl's end is written down."""


@dataclass(frozen=True)
class Batch:
    """What a transaction is to write and to lease."""

    crawl_id: int
    feed_id: int | None = None
    """Feed that answers are marked with."""
    units: Sequence[Unit] = ()
    seeds: Sequence[Seed] = ()
    wanted: int = 0
    """How many requests to lease."""
    heartbeat: bool = False
    """Whether leases are due to be prolonged."""


@dataclass
class BatchResult:
    """What a transaction wrote and leased."""

    committed: list[Committed] = field(default_factory=list)
    leased: list[Leased] = field(default_factory=list)
    outlook: Outlook | None = None
    """What is left, where requests were wanted and none could be leased."""
    drift: list[str] = field(default_factory=list)
    """What the answers show to have changed in the API, a line each."""


class BatchWriter:
    """Writes the batches of one worker, each in one transaction unless a row is refused."""

    def __init__(
        self, database: DatabaseThread, owner: str, lease_seconds: float, sinks: Sequence[Sink]
    ) -> None:
        self.owner = owner
        self.shared = database.engine.dialect.name == "postgresql"
        """Whether other workers may be in the same crawl."""
        self._database = database
        self._lease_seconds = lease_seconds
        self._sinks = sinks
        self._watch = LeaseWatch(lease_seconds)

    async def run(self, batch: Batch, races: int = 3) -> BatchResult:
        """Write a batch.

        A unit with a row that the database refuses is quarantined, in a transaction of its own. Raises
        what the database raised when that is not it.
        """
        units = batch.units
        tries = 0

        def job(connection: Connection) -> BatchResult:
            nonlocal tries
            tries += 1
            return self._transact(connection, batch, tries > 1)

        try:
            return await self._database.run(job)
        except Exception as error:
            if classify(error) is not DatabaseError.ROW or not units:
                raise
            if len(units) == 1 and isinstance(error, IntegrityError) and races and self.shared:
                # Another worker has just written the same key; now that it is there, we shall see it.
                return await self.run(batch, races - 1)
            if len(units) == 1 and units[0].answer is not None and units[0].answer.refused == "row":
                raise
            if len(units) == 1:
                logger.error(
                    "The database refuses a row of request %d: %s", units[0].request_id, one_line(error)
                )
                return await self.run(replace(batch, units=[refused(units[0], one_line(error))]))
        whole = BatchResult()
        for unit in units:
            part = await self.run(Batch(batch.crawl_id, batch.feed_id, [unit]))
            whole.committed += part.committed
            whole.drift += part.drift
        rest = await self.run(replace(batch, units=()))
        return BatchResult(whole.committed, rest.leased, rest.outlook, whole.drift)

    def _transact(self, connection: Connection, batch: Batch, again: bool) -> BatchResult:
        """All of a transaction; ``again`` after an attempt that failed, which may have taken its time."""
        result, crawl_id, units = BatchResult(), batch.crawl_id, batch.units
        if units:
            units = within_cap(connection, crawl_id, refuse_older(connection, crawl_id, units))
            result.committed = commit_units(connection, crawl_id, self.owner, units, batch.feed_id)
        if batch.seeds:
            add_requests(connection, crawl_id, batch.seeds)
        for sink in self._sinks:
            sink.record(connection)
        if batch.heartbeat or (again and self.shared):
            leases.prolong(connection, crawl_id, self.owner, self._lease_seconds)
        if batch.wanted:
            result.leased = self._lease(connection, crawl_id, batch.wanted)
            if not result.leased:
                result.outlook = leases.outlook(connection, crawl_id, self.owner)
                if self.shared and result.outlook.next_in and leases.mend_delays(connection, crawl_id):
                    result.outlook = leases.outlook(connection, crawl_id, self.owner)
        result.drift = note_fields(connection, crawl_id, [committed.unit for committed in result.committed])
        return result

    def _lease(self, connection: Connection, crawl_id: int, wanted: int) -> list[Leased]:
        leased = leases.lease(connection, crawl_id, self.owner, wanted, self._lease_seconds)
        if not leased and self.shared and self._reclaim(connection, crawl_id):
            leased = leases.lease(connection, crawl_id, self.owner, wanted, self._lease_seconds)
        return leased

    def _reclaim(self, connection: Connection, crawl_id: int) -> bool:
        """Queue again what dead workers held; whether there was any."""
        server_now, held = leases.others(connection, crawl_id, self.owner)
        dead = self._watch.dead(server_now, held) if held else []
        return sum(leases.take_from(connection, crawl_id, worker, held[worker]) for worker in dead) > 0


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
