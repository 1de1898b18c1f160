"""How a run begins and ends in the database: a new round, or one that was cut short and goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tvspiders.errors import StorageProblem
from tvspiders.ledger.database_thread import DatabaseThread
from tvspiders.ledger.ownership import Ownership, describe_self
from tvspiders.ledger.receipt_clock import ReceiptClock
from tvspiders.ledger.sink import Sink
from tvspiders.storage import crawls, extra, feeds, frontier, refusals
from tvspiders.storage.requests import add_requests
from tvspiders.storage.round_notes import RoundNotes, notes_of
from tvspiders.storage.schema import complaint, prepare_schema
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


class Round:
    """One worker's part in a round; holds the right to it from ``open`` to ``close``."""

    def __init__(
        self, database: DatabaseThread, owner: str, shared: bool, keep_answers: float | None
    ) -> None:
        self.ownership: Ownership | None = None
        self._database = database
        self._owner = owner
        self._shared = shared
        self._keep_answers = keep_answers

    async def open(
        self,
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
        self.ownership = Ownership(engine, crawls.identity_of(spider, arguments, name))
        self.ownership.take()
        told = {"owner": describe_self(), **facts}

        def opening(connection: Connection) -> Opened:
            crawl = crawls.open_crawl(connection, spider, arguments, name, clock.now(), told)
            if not crawl.resumed:
                extra.carry_over(connection, crawl.id)
            if first is not None and not crawl.resumed:
                add_requests(connection, crawl.id, [(None, request) for request in first(connection)])
            frontier.mend_delays(connection, crawl.id)
            reclaimed = frontier.reclaim(connection, crawl.id, everything=not self._shared)
            others = frontier.outlook(connection, crawl.id, self._owner).held_by_others
            if crawl.resumed and not others:
                frontier.retry_failed(connection, crawl.id)
            if self._keep_answers is not None:
                limit = datetime.now(UTC) - timedelta(days=self._keep_answers)
                crawls.forget_answers(connection, limit.isoformat(timespec="milliseconds"))
            refused = refusals.refused_before(connection, crawl.id)
            return Opened(crawl, feeds.newest_receipt(connection, crawl.id), reclaimed, refused)

        try:
            return await self._database.run(opening, limited=False)
        except Exception as error:
            self.ownership.give_back()
            raise StorageProblem(complaint(engine, error)) from error

    async def close(
        self, crawl_id: int, decide: Decide, sinks: Sequence[Sink], clock: ReceiptClock, idle: bool | None
    ) -> dict[str, int]:
        """Give back what is leased and write down the end, unless others go on; returns the counts.

        A partial round with nothing that it may try again is over: the next run begins another.
        """

        def closing(connection: Connection) -> dict[str, int]:
            frontier.release(connection, crawl_id, self._owner)
            for sink in sinks:
                sink.record(connection)
            counts = frontier.counts(connection, crawl_id)
            notes = notes_of(connection, crawl_id)
            verdict, reason = decide(counts, counts["leased"] > 0, notes)
            if not counts["leased"]:
                over = True if verdict == crawls.PARTIAL and not notes.to_retry else idle
                crawls.close_crawl(connection, crawl_id, verdict, reason, clock.now(), counts, over)
            return counts

        try:
            return await self._database.run(closing)
        finally:
            if self.ownership is not None:
                self.ownership.give_back()
            self._database.close()
