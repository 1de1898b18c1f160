"""The ledger's identity: every request a crawl owes is accounted for, and what it brought is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    cast,
    func,
    literal_column,
    select,
    text,
)

from tvspiders.items import UNREADABLE
from tvspiders.storage.catalogue.answer_fields import Drift, drift_of
from tvspiders.storage.catalogue.list_ends import Differences, differences_of
from tvspiders.storage.catalogue.unaccounted_rows import UnaccountedRows, unaccounted_of
from tvspiders.storage.queue import crawls, leases
from tvspiders.storage.queue.feeds import FeedItems, items_of
from tvspiders.storage.queue.unanswered import MAX_LISTED, LeftBehind, Unanswered, left_behind, unanswered_in
from tvspiders.storage.tables import answers, crawl_items, download_snapshots, requests, things, tombstones


@dataclass(frozen=True)
class Yield:
    """Answers of all runs of a round, and what is stored of them."""

    answers: int
    """Answers that reached the ledger; refusals for quota and errors of the server did not."""
    refused: int
    """Answers that were not understood."""
    repeated: int
    """Good answers beyond the first to the same request."""
    things: int
    """Things met, new or not."""
    new_things: int
    """Things that were in no answer before this round began."""
    snapshots: int
    """Snapshots of counts."""

    @property
    def wasted(self) -> int:
        """Answers that brought nothing."""
        return self.refused + self.repeated


def yield_of(connection: Connection, crawl_id: int, started_at: str) -> Yield:
    """Count; reads only."""
    good = answers.c.refused.is_(None)
    total, understood, asked = connection.execute(
        select(
            func.count(),
            func.count().filter(good),
            func.count(answers.c.request_id.distinct()).filter(good),
        ).where(answers.c.crawl_id == crawl_id)
    ).one()
    met = select(cast(crawl_items.c.key, BigInteger).label("id")).where(
        crawl_items.c.crawl_id == crawl_id, crawl_items.c.kind == "thing"
    )
    found = met.subquery()
    known, new = connection.execute(
        select(func.count(), func.count().filter(things.c.first_seen >= started_at))
        .select_from(found)
        .join(things, things.c.id == found.c.id)
    ).one()
    snapshots = connection.execute(
        select(func.count()).where(download_snapshots.c.crawl_id == crawl_id)
    ).scalar_one()
    return Yield(
        answers=int(total),
        refused=int(total - understood),
        repeated=int(understood - asked),
        things=int(known),
        new_things=int(new),
        snapshots=int(snapshots),
    )


@dataclass(frozen=True)
class Gone:
    """A request for what is gone or hidden."""

    path: str
    reason: str | None


@dataclass(frozen=True)
class Audit:
    """The accounts of one crawl, as stored."""

    crawl: RowMapping
    counts: Mapping[str, int]
    total: int
    named: Sequence[Unanswered]
    """Parked and quarantined requests, the first of each."""
    gone: Sequence[Gone]
    """Requests for what is gone or hidden, the first."""
    left: Sequence[LeftBehind]
    """Other rounds with failed requests that no later round answered."""
    left_named: Sequence[Unanswered]
    """The first of those requests."""
    flaws: Sequence[str]
    """Why the identity does not close; empty when it does."""
    brought: Yield
    """What its answers brought."""
    unaccounted: UnaccountedRows
    """What its lists leave open."""
    different: Differences
    """Its lists that hold another number than their subjects state."""
    feeds: Sequence[FeedItems]
    """How many items each of its feeds was due, and how many it holds."""
    drift: Drift
    """What was noticed about the fields of answers, by any crawl."""

    @property
    def closes(self) -> bool:
        """Whether everything is accounted for."""
        return not self.flaws


def audit_crawl(connection: Connection, crawl: RowMapping) -> Audit:
    """Count, compare and name; reads only."""
    crawl_id = int(crawl["id"])
    counts = leases.counts(connection, crawl_id)
    total = int(connection.execute(select(func.count()).where(requests.c.crawl_id == crawl_id)).scalar_one())
    brought = yield_of(connection, crawl_id, str(crawl["started_at"]))
    flaws = _flaws(connection, crawl, counts, total)
    named = [found for state in leases.FAILED for found in unanswered_in(connection, crawl, state)]
    left, left_named = left_behind(connection, crawl_id)
    gone, unaccounted = _gone(connection, crawl_id), unaccounted_of(connection, crawl_id)
    different = differences_of(connection, crawl_id)
    held, drift = items_of(connection, crawl_id), drift_of(connection, crawl_id)
    listed = (unaccounted, different, held, drift)
    return Audit(crawl, counts, total, named, gone, left, left_named, flaws, brought, *listed)


def _gone(connection: Connection, crawl_id: int) -> list[Gone]:
    rows = connection.execute(
        select(requests.c.path, requests.c.reason)
        .where(requests.c.crawl_id == crawl_id, requests.c.state == "gone")
        .order_by(requests.c.id)
        .limit(MAX_LISTED)
    )
    return [Gone(row.path, row.reason) for row in rows.all()]


def _flaws(connection: Connection, crawl: RowMapping, counts: Mapping[str, int], total: int) -> list[str]:
    crawl_id, verdict = int(crawl["id"]), crawl["verdict"]
    flaws: list[str] = []
    known = sum(counts[state] for state in leases.STATES)
    if known != total:
        flaws.append(f"{total - known} requests are in a state that is not known")
    open_ones = total - counts["done"] - counts["gone"]
    in_doubt = unaccounted_of(connection, crawl_id).lists
    if verdict == crawls.COMPLETE and in_doubt:
        flaws.append(f"the crawl is called complete, but {in_doubt} lists have rows in doubt")
    if verdict == crawls.COMPLETE and open_ones:
        flaws.append(f"the crawl is called complete, but {open_ones} requests are not answered")
    for wanted, problem in (
        (_lost_things(crawl_id), "things that the crawl has answers for are not stored"),
        (_lost_tombstones(crawl_id), "things are gone or hidden without a tombstone"),
        (_unread_answers(crawl_id), "answered requests have no stored answer"),
    ):
        number = int(connection.execute(wanted).scalar_one())
        if number:
            flaws.append(f"{number} {problem}")
    if verdict == crawls.COMPLETE:
        flaws += [
            f"feed {feed.address} holds {feed.held} of the {feed.due} items that it was due"
            for feed in items_of(connection, crawl_id)
            if feed.held != feed.due
        ]
    if connection.dialect.name == "sqlite":
        result = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
        if result != "ok":
            flaws.append(f"the database file is damaged: {result}")
    return flaws


def _number_in(column: ColumnElement[str]) -> ColumnElement[int]:
    return cast(column, BigInteger)


def _lost_things(crawl_id: int) -> Any:
    registered = select(_number_in(crawl_items.c.key).label("id")).where(
        crawl_items.c.crawl_id == crawl_id, crawl_items.c.kind == "thing"
    )
    wanted = registered.subquery()
    return (
        select(func.count())
        .select_from(wanted.outerjoin(things, things.c.id == wanted.c.id))
        .where(things.c.last_scraped.is_(None))  # nor is it stored where only others tell of it
    )


def _lost_tombstones(crawl_id: int) -> Any:
    paths = select(requests.c.path).where(
        requests.c.crawl_id == crawl_id, requests.c.state == "gone", requests.c.callback == "parse_thing"
    )
    wanted = paths.subquery()
    subject: ColumnElement[str] = literal_column("'/things/'") + tombstones.c.subject_id
    return (
        select(func.count())
        .select_from(
            wanted.outerjoin(tombstones, (subject == wanted.c.path) & (tombstones.c.subject == "thing"))
        )
        .where(tombstones.c.subject_id.is_(None))
    )


def _unread_answers(crawl_id: int) -> Any:
    have = select(answers.c.request_id).where(answers.c.crawl_id == crawl_id)
    return select(func.count()).where(
        requests.c.crawl_id == crawl_id,
        requests.c.state.in_(("done", "gone")),
        requests.c.reason.is_distinct_from(UNREADABLE),
        requests.c.id.not_in(have),
    )
