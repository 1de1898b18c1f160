"""A unit of work: one answer with all that it produced, committed in one transaction.

The ledger's promise rests here: the change of a request's state, the items of
its answer and the requests that follow from it become visible together or not
at all.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Float,
    Integer,
    Text,
    Update,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    insert,
    select,
    update,
)

from tvspiders.items import Item, Tag, Thing
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import pack
from tvspiders.storage.creators import write_creators
from tvspiders.storage.returns import note_returns
from tvspiders.storage.row_news import NOTHING_SPARED, Spared, sift
from tvspiders.storage.rows import Rows, add_rows
from tvspiders.storage.things import Written, write_category_names, write_things
from tvspiders.storage.upserts import insert_for, upsert

unit_committed = object()
"""Scrapy signal, sent with ``committed`` (a ``Committed``) for each unit once it is on disk."""


@dataclass(frozen=True)
class NewRequest:
    """A request as data: what to ask and who handles the answer. Holds no credentials."""

    path: str
    """Path and query below the API's base address."""
    callback: str
    """Name of the spider's method for the answer."""
    kwargs: str | None = None
    """Arguments of that method as JSON text."""
    priority: int = 0
    """Higher goes first."""
    depth: int = 0
    """Steps from a start request."""
    variant: str = ""
    """Tells apart two requests for the same path that are both wanted."""
    nearer: bool = False
    """Whether the same question with a higher priority takes over priority and arguments, and is
    asked anew when it was answered with the old ones."""
    row: Thing | None = None
    """What a list says of the thing whose page this asks: to be asked only if that is news."""

    @property
    def fingerprint(self) -> bytes:
        """16 bytes that are equal for requests that ask the same."""
        return hashlib.blake2b(f"GET {self.path} {self.variant}".encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Answer:
    """An answer to keep: scrubbed of e-mail addresses and secrets, never with request headers."""

    status: int
    received_at: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    """The few response headers that parsing needs."""
    refused: str | None = None
    """Why it could not be understood; ``None`` for a good one."""
    scrubbed: bool = False
    """Whether anything was taken out of the body."""


@dataclass
class Unit:
    """What one leased request came to."""

    request_id: int
    state: str = "done"
    """New state of the request; ``queued`` puts it back."""
    reason: str | None = None
    attempts: int = 0
    """Attempts so far, stored with the request."""
    priority: int | None = None
    """Priority that the request had when it was handed out; one that rose since is asked anew."""
    available_at: float | None = None
    """For ``queued``: not before this moment (seconds since 1970)."""
    answer: Answer | None = None
    raw_json: str | None = None
    """The answer as JSON text, for the row of a thing's own page."""
    items: list[Item] = field(default_factory=list)
    requests: list[NewRequest] = field(default_factory=list)


@dataclass(frozen=True)
class Committed:
    """A unit that is on disk."""

    unit: Unit
    answer_id: int | None
    fresh: list[Item]
    """Items that this crawl had not seen with this content."""
    spared: Spared = NOTHING_SPARED
    """Pages that its rows did not call for."""
    new_things: int = 0
    """Things that were in no answer before, of any crawl."""
    snapshots: int = 0
    """Snapshots of counts."""


_SORTED = json.JSONEncoder(sort_keys=True)


def digest(item: Item) -> bytes:
    """Eight bytes that are equal for items of one key with equal content."""
    text = _SORTED.encode(item.content())
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def key_text(item: Item) -> str:
    """The item's key as text, unique within its kind."""
    return ">".join("" if part is None else str(part) for part in item.key)


def commit_units(
    connection: Connection, crawl_id: int, owner: str, units: Sequence[Unit], feed_id: int | None = None
) -> list[Committed]:
    """Write the units whose lease is still ours; units of lost leases are left out of the result."""
    held = _held(connection, owner, [unit.request_id for unit in units])
    alive = [unit for unit in units if unit.request_id in held]
    if not alive:
        return []
    alive, spared = sift(connection, crawl_id, alive)
    answer_ids = _keep_answers(connection, crawl_id, feed_id, alive)
    fresh = _register(connection, crawl_id, alive, answer_ids)
    written = _write_items(connection, crawl_id, alive)
    add_requests(
        connection, crawl_id, [(unit.request_id, request) for unit in alive for request in unit.requests]
    )
    _settle(connection, alive)
    gains = _share_out(written, alive)
    return [
        Committed(
            unit,
            answer_ids.get(unit.request_id),
            fresh.get(unit.request_id, []),
            spared.get(unit.request_id, NOTHING_SPARED),
            *gains[unit.request_id],
        )
        for unit in alive
    ]


def committed_before(
    connection: Connection, crawl_id: int, feed_id: int | None, units: Sequence[Unit]
) -> list[Committed]:
    """Those of the units that an earlier try has committed, known by their stored answers."""
    mine = {(unit.request_id, unit.answer.received_at): unit for unit in units if unit.answer is not None}
    stored = tables.answers.c
    query = select(stored.id, stored.request_id, stored.received_at).where(
        stored.request_id.in_([request_id for request_id, _ in mine]),
        stored.feed_id.is_not_distinct_from(feed_id),
    )
    found = connection.execute(query.order_by(stored.id)).all()
    register = tables.crawl_items.c
    fresh = {
        (row.answer_id, row.kind, row.key)
        for row in connection.execute(
            select(register.answer_id, register.kind, register.key).where(
                register.crawl_id == crawl_id, register.answer_id.in_([row.id for row in found])
            )
        )
    }
    committed: list[Committed] = []
    for row in found:
        unit = mine.get((row.request_id, row.received_at))
        if unit is not None:
            items = {(row.id, _kind(item), key_text(item)): item for item in unit.items}
            committed.append(Committed(unit, row.id, [items[name] for name in items if name in fresh]))
    return committed


def write_again(connection: Connection, crawl_id: int, read: Sequence[tuple[int, Unit]]) -> int:
    """Write what stored answers (with their numbers) give today; returns how many were refused before.

    The requests of those count as answered from now on, and what follows from
    them is queued.
    """
    units, _ = sift(connection, crawl_id, [unit for _, unit in read])
    read = [(answer_id, unit) for (answer_id, _), unit in zip(read, units, strict=True)]
    _register(connection, crawl_id, units, {unit.request_id: answer_id for answer_id, unit in read})
    _write_items(connection, crawl_id, units)
    table, answers = tables.requests, tables.answers
    query = select(table.c.id).where(
        table.c.id.in_([unit.request_id for unit in units]), table.c.state == "quarantined"
    )
    understood = set(connection.execute(query).scalars())
    news = [(answer_id, unit) for answer_id, unit in read if unit.request_id in understood]
    if news:
        add_requests(
            connection, crawl_id, [(unit.request_id, new) for _, unit in news for new in unit.requests]
        )
        connection.execute(update(table).where(table.c.id.in_(understood)).values(state="done", reason=None))
        read_now = [answer_id for answer_id, _ in news]
        connection.execute(update(answers).where(answers.c.id.in_(read_now)).values(refused=None))
        crawls = tables.crawls
        connection.execute(update(crawls).where(crawls.c.id == crawl_id).values(idle_runs=0))
    return len(understood)


def add_requests(
    connection: Connection, crawl_id: int, asked: Sequence[tuple[int | None, NewRequest]]
) -> None:
    """Queue requests that are new to the crawl, each with the id of the one it came from."""
    rows: dict[bool, dict[bytes, dict[str, Any]]] = {False: {}, True: {}}
    for parent_id, request in asked:
        known = rows[request.nearer].get(request.fingerprint)
        if known is not None and known["rank"] <= -request.priority:
            continue
        rows[request.nearer][request.fingerprint] = {
            "crawl_id": crawl_id,
            "fingerprint": request.fingerprint,
            "path": request.path,
            "callback": request.callback,
            "kwargs": request.kwargs,
            "rank": -request.priority,
            "depth": request.depth,
            "state": "queued",
            "attempts": 0,
            "parent_id": parent_id,
        }
    insertion = insert_for(connection, tables.requests)
    key = ["crawl_id", "fingerprint"]
    if rows[False]:
        statement = insertion.on_conflict_do_nothing(index_elements=key)
        connection.execute(statement, list(rows[False].values()))
    if rows[True]:
        old, new = tables.requests.c, insertion.excluded
        statement = insertion.on_conflict_do_update(
            index_elements=key,
            set_={
                "rank": new.rank,
                "kwargs": new.kwargs,
                "state": case((old.state == "done", "queued"), else_=old.state),
            },
            where=new.rank < old.rank,
        )
        connection.execute(statement, list(rows[True].values()))


def _held(connection: Connection, owner: str, ids: Sequence[int]) -> set[int]:
    query = select(tables.requests.c.id).where(
        tables.requests.c.id.in_(ids),
        tables.requests.c.lease_owner == owner,
        tables.requests.c.state == "leased",
    )
    if connection.dialect.name == "postgresql":
        query = query.order_by(tables.requests.c.id).with_for_update()
    return set(connection.execute(query).scalars())


def _register(
    connection: Connection, crawl_id: int, units: Sequence[Unit], answer_ids: Mapping[int, int]
) -> dict[int, list[Item]]:
    """Note each item in the crawl's register and the answer behind it; returns the fresh ones by request."""
    latest: dict[tuple[str, str], tuple[int, Item]] = {}
    for unit in units:
        for item in unit.items:
            if not isinstance(item, Tag):
                latest[_kind(item), key_text(item)] = (unit.request_id, item)
    if not latest:
        return {}
    statement = insert_for(connection, tables.crawl_items)
    changed = tables.crawl_items.c.digest != statement.excluded.digest
    statement = statement.on_conflict_do_update(
        index_elements=["crawl_id", "kind", "key"],
        set_={"digest": statement.excluded.digest, "answer_id": statement.excluded.answer_id},
        where=changed,
    ).returning(tables.crawl_items.c.kind, tables.crawl_items.c.key)
    rows = [
        {
            "crawl_id": crawl_id,
            "kind": kind,
            "key": key,
            "digest": digest(item),
            "answer_id": answer_ids.get(request_id),
        }
        for (kind, key), (request_id, item) in sorted(latest.items(), key=lambda entry: entry[0])
    ]
    written = {(kind, key) for kind, key in connection.execute(statement, rows)}
    fresh: dict[int, list[Item]] = {}
    for name, (request_id, item) in latest.items():
        if name in written:
            fresh.setdefault(request_id, []).append(item)
    return fresh


def _kind(item: Item) -> str:
    kind: str = item.kind  # type: ignore[attr-defined]
    return kind


def _share_out(written: Written, units: Sequence[Unit]) -> dict[int, tuple[int, int]]:
    """New things and snapshots by number of the request that brought them; each counts once."""
    new, shot = set(written.new), set(written.snapshots)
    gains: dict[int, tuple[int, int]] = {}
    for unit in units:
        things = {item.id: item.last_scraped for item in unit.items if isinstance(item, Thing)}
        gains[unit.request_id] = (len(new & things.keys()), len(shot & things.items()))
        new -= things.keys()
        shot -= things.items()
    return gains


def _write_items(connection: Connection, crawl_id: int, units: Sequence[Unit]) -> Written:
    rows: Rows = {}
    written = Written()
    for unit in units:
        for item in unit.items:
            add_rows(item, rows, unit.raw_json if isinstance(item, Thing) and item.detail else None)
    filed = {row["thing_id"] for row in rows.get(tables.thing_categories, ())}
    special = {tables.things, tables.creators}
    for table in sorted(rows, key=lambda table: table.name):
        if table not in special:
            upsert(connection, table, rows[table])
    if tables.tombstones in rows:
        stones = tables.tombstones
        risen = stones.c.back_at < stones.c.last_scraped
        connection.execute(update(stones).where(risen).values(back_at=None))
    note_returns(connection, rows)
    if tables.creators in rows:
        write_creators(connection, rows[tables.creators])
    if tables.things in rows:
        written = write_things(connection, rows[tables.things], crawl_id)
        filed |= written.new
    if filed:
        write_category_names(connection, filed)
    return written


def _keep_answers(
    connection: Connection, crawl_id: int, feed_id: int | None, units: Sequence[Unit]
) -> dict[int, int]:
    kept = [(unit.request_id, unit.answer) for unit in units if unit.answer is not None]
    if not kept:
        return {}
    rows: list[dict[str, Any]] = []
    for request_id, answer in kept:
        codec, body = pack(answer.body)
        rows.append(
            {
                "request_id": request_id,
                "crawl_id": crawl_id,
                "feed_id": feed_id,
                "received_at": answer.received_at,
                "status": answer.status,
                "headers": json.dumps(answer.headers) if answer.headers else None,
                "codec": codec,
                "body": body,
                "refused": answer.refused,
                "scrubbed": answer.scrubbed,
            }
        )
    statement = insert(tables.answers).returning(tables.answers.c.id, sort_by_parameter_order=True)
    ids = connection.execute(statement, rows).scalars().all()
    return {request_id: number for (request_id, _), number in zip(kept, ids, strict=True)}


_SETTLE: Update = (
    update(tables.requests)
    .where(tables.requests.c.id == bindparam("of_id"))
    .values(
        state=case(
            (
                and_(
                    tables.requests.c.rank < bindparam("of_rank", type_=Integer),
                    bindparam("new_state", type_=Text) == "done",
                ),
                "queued",
            ),
            else_=bindparam("new_state", type_=Text),
        ),
        reason=bindparam("new_reason"),
        attempts=bindparam("new_attempts"),
        available_at=bindparam("new_available"),
        status=bindparam("new_status"),
        answered_at=bindparam("new_answered"),
        lease_owner=None,
        lease_until=None,
    )
)


_SETTLE_BY_SERVER = _SETTLE.values(
    available_at=cast(extract("epoch", func.clock_timestamp()), Float) + bindparam("new_wait", type_=Float)
)
"""Workers and server need not agree on the time: there a delay counts from the server's own."""


def _settle(connection: Connection, units: Sequence[Unit]) -> None:
    shared, now = connection.dialect.name == "postgresql", time.time()
    connection.execute(
        _SETTLE_BY_SERVER if shared else _SETTLE,
        [
            {
                "of_id": unit.request_id,
                "new_state": unit.state,
                "of_rank": None if unit.priority is None else -unit.priority,
                "new_reason": unit.reason,
                "new_attempts": unit.attempts,
                "new_status": unit.answer.status if unit.answer else None,
                "new_answered": unit.answer.received_at if unit.answer else None,
            }
            | _moment(unit, now if shared else None)
            for unit in units
        ],
    )


def _moment(unit: Unit, now: float | None) -> dict[str, float | None]:
    if now is None:
        return {"new_available": unit.available_at}
    return {"new_wait": None if unit.available_at is None else unit.available_at - now}
