"""How a run begins and ends in the database: a new round, or one that was cut short and goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tvspiders.errors import DatabaseChanged, StorageProblem
from tvspiders.ledger.ownership import Ownership, describe_self
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.ledger.writing.receipt_clock import ReceiptClock
from tvspiders.ledger.writing.transaction import Sink
from tvspiders.ledger.writing.worker_watch import WorkerWatch
from tvspiders.storage.catalogue.answer_fields import mark_reported
from tvspiders.storage.database.replaced import require_crawl, take_new_file
from tvspiders.storage.database.schema import complaint, prepare_schema
from tvspiders.storage.database.sqlite_file import require_sound
from tvspiders.storage.forgetting.retention import expire_people
from tvspiders.storage.queries.round_notes import RoundNotes, notes_of
from tvspiders.storage.queue import crawls, feeds, leases, refusals, request_budget, workers
from tvspiders.storage.queue.requests import add_requests, skip_numbers
from tvspiders.storage.units import NewRequest

First = Callable[[Connection], list[NewRequest]]
"""Reads from the database what a new round begins with."""
Decide = Callable[[dict[str, int], bool, RoundNotes], tuple[str, str | None]]
"""Gets the counts, whether other workers go on, and what else there is to say; gives verdict and reason."""


@dataclass(frozen=True)
class Opened:
    """A round to work on."""

    crawl: crawls.Crawl
    newest_receipt: str | None
    """When the newest answer was received that the database holds."""
    reclaimed: int
    """Requests that dead workers had in flight."""
    refused: Mapping[str, int]
    """Paths of things that earlier rounds were refused, and in how many."""


@dataclass(frozen=True)
class _Command:
    """What the crawl was started with."""

    spider: str
    arguments: Mapping[str, Any]
    name: str | None
    facts: Mapping[str, Any]
    first: First | None


class CrawlRun:
    """One worker's part in a round; holds the right to it from ``open`` to ``close``."""

    def __init__(
        self,
        database: DatabaseThread,
        shared: bool,
        store_answers: float | None,
        keep_people: float | None = None,
    ) -> None:
        self.ownership: Ownership | None = None
        self._database = database
        self._shared = shared
        self._keep_answers = store_answers
        self._keep_people = keep_people
        self._command: _Command | None = None
        self._number = 0
        self._owners: list[str] = []
        """Names that this worker has had, the present one last."""

    async def open(
        self,
        owner: str,
        spider: str,
        arguments: Mapping[str, Any],
        name: str | None,
        facts: Mapping[str, Any],
        first: First | None,
        clock: ReceiptClock,
    ) -> Opened:
        """Make the tables, take the crawl, queue what is owed.

        Raises ``StorageProblem`` (``CrawlBusy`` when another process owns the crawl).
        """
        engine = self._database.engine
        await self._database.call(lambda: prepare_schema(engine))
        self.ownership = Ownership(engine, crawls.crawl_identity(spider, arguments, name))
        self.ownership.take()
        command = _Command(spider, arguments, name, {"owner": describe_self(), **facts}, first)
        self._command = command
        try:
            return await self._take_part(command, owner, clock)
        except Exception as error:
            self.ownership.give_back()
            raise StorageProblem(complaint(engine, error)) from error

    async def open_again(self, owner: str, clock: ReceiptClock, beyond: int) -> Opened:
        """Take part in the round that the database knows now: an older one, or the same in an older state.

        Numbers of requests up to ``beyond`` are not given again: what bears them may be in flight.

        Raises ``StorageProblem`` when there is no database any more, or one that is not this crawl's.
        """
        database, command = self._database, self._command
        if command is None or self.ownership is None:
            raise StorageProblem("the crawl was not open")
        identity = crawls.crawl_identity(command.spider, command.arguments, command.name)
        database.watch = None
        await self.look_again()
        await database.run(lambda connection: require_crawl(connection, identity))
        await database.call(lambda: prepare_schema(database.engine))
        self.ownership.take_again()
        await database.run(lambda connection: skip_numbers(connection, beyond))
        return await self._take_part(command, owner, clock)

    async def look_again(self) -> None:
        """Wait until a SQLite file is all there; raises ``StorageProblem`` when it is gone or damaged."""
        engine = self._database.engine
        engine.dispose()
        await self._database.call(lambda: take_new_file(engine))

    async def _take_part(self, command: _Command, owner: str, clock: ReceiptClock) -> Opened:
        """Find or begin the round, queue what is owed, and get the worker's own row."""
        what = (command.spider, command.arguments, command.name)

        def opening(connection: Connection) -> Opened:
            crawl = crawls.open_crawl(connection, *what, clock.now(), command.facts, self._number)
            if not crawl.resumed:
                request_budget.carry_over(connection, crawl.id)
            if command.first is not None and not crawl.resumed:
                add_requests(connection, crawl.id, [(None, request) for request in command.first(connection)])
            reclaimed = leases.reclaim(connection, crawl.id, everything=not self._shared)
            for earlier in self._owners:
                reclaimed += leases.release(connection, crawl.id, earlier)
                workers.leave(connection, crawl.id, earlier)
            leases.mend_delays(connection, crawl.id)  # of what was in flight, too
            others = leases.outlook(connection, crawl.id, owner).held_by_others
            if crawl.resumed and not others:
                leases.retry_failed(connection, crawl.id)
            if self._keep_answers is not None:
                crawls.drop_old_answers(connection, _days_ago(self._keep_answers))
            if self._keep_people is not None:
                expire_people(connection, _days_ago(self._keep_people))
            workers.forget_dead(connection, crawl.id, crawl.identity, alone=not self._shared)
            workers.enter(connection, crawl.id, owner)
            refused = refusals.refused_in_earlier_rounds(connection, crawl.id)
            return Opened(crawl, feeds.newest_receipt(connection, crawl.id), reclaimed, refused)

        opened = await self._database.run(opening, limited=False)
        self._database.watch = WorkerWatch(opened.crawl.id, owner)
        self._number = opened.crawl.round
        self._owners.append(owner)
        return opened

    async def close(
        self,
        crawl_id: int,
        owner: str,
        decide: Decide,
        sinks: Sequence[Sink],
        clock: ReceiptClock,
        idle: bool | None,
    ) -> dict[str, int]:
        """Give back what is leased and write down the end, unless others go on; returns the counts.

        A partial round with nothing that it may try again is over: the next run begins another. The
        worker's row stays until then, or a commit whose answer was lost would look like another database.
        """

        def closing(connection: Connection) -> dict[str, int]:
            require_sound(connection)
            leases.release(connection, crawl_id, owner)
            for sink in sinks:
                sink.record(connection)
            counts = leases.counts(connection, crawl_id)
            notes = notes_of(connection, crawl_id)
            verdict, reason = decide(counts, counts["leased"] > 0, notes)
            if not counts["leased"]:
                over = True if verdict == crawls.PARTIAL and not notes.to_retry else idle
                crawls.close_crawl(connection, crawl_id, verdict, reason, clock.now(), counts, over)
                if verdict == crawls.PARTIAL:
                    mark_reported(connection, crawl_id)
            return counts

        try:
            if self._database.watch is None:
                raise DatabaseChanged("the database was another one, and the crawl not open in it yet")
            return await self._database.run(closing)
        finally:
            if self.ownership is not None:
                self.ownership.give_back()
            self._database.close()


def is_idle(previous: str | None, fresh_items: int) -> bool | None:
    """Whether a run tried again what an earlier one could not get, and brought nothing.

    ``previous`` is the verdict that the round had when the run began. ``None`` when it brought nothing and
    was not the one that began: it does not know.
    """
    if fresh_items or previous not in (crawls.PARTIAL, crawls.RUNNING):
        return False
    return True if previous == crawls.PARTIAL else None


def _days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
