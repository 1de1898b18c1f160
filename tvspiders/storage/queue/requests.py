"""Rows of the queue: add new requests, and write the outcome of finished ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Float,
    Integer,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from tvspiders.steady_clock import steady
from tvspiders.storage import tables
from tvspiders.storage.database.server_time import shared_moment, shared_time
from tvspiders.storage.database.upserts import changed, insert_for
from tvspiders.storage.people.leave_out import allowed_requests
from tvspiders.storage.queue.leases import BEYOND_CAP, LAST_RANK, own_rank
from tvspiders.storage.units import NewRequest, Unit


def add_requests(
    connection: Connection, crawl_id: int, asked: Sequence[tuple[int | None, NewRequest]]
) -> None:
    """Queue requests that are new to the crawl, each with the id of its parent."""
    rows: dict[bool, dict[bytes, dict[str, Any]]] = {False: {}, True: {}}
    for parent_id, request in allowed_requests(connection, asked):
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
            "state": "parked" if request.left else "queued",
            "attempts": 0,
            "parent_id": parent_id,
            "reason": BEYOND_CAP if request.left else None,
            "extra": request.extra,
        }
    insertion = insert_for(connection, tables.requests)
    key = ["crawl_id", "fingerprint"]
    if rows[False]:
        statement = insertion.on_conflict_do_nothing(index_elements=key)
        connection.execute(statement, list(rows[False].values()))
    if rows[True]:
        old, new = tables.requests.c, insertion.excluded
        put_last = old.rank >= LAST_RANK // 2
        statement = insertion.on_conflict_do_update(
            index_elements=key,
            set_={
                "rank": case((put_last, new.rank + LAST_RANK), else_=new.rank),
                "kwargs": new.kwargs,
                "state": case((old.state == "done", "queued"), else_=old.state),
            },
            where=new.rank < own_rank(old.rank),
        )
        connection.execute(statement, list(rows[True].values()))


def skip_numbers(connection: Connection, beyond: int) -> None:
    """Give new requests higher ids than this one, in a database that is behind."""
    if connection.dialect.name == "postgresql":
        # one by one, as others do: a sequence that is set might be behind theirs by then
        following = func.nextval(func.pg_get_serial_sequence("requests", "id"))
        missing = beyond - connection.execute(select(following)).scalar_one()
        given = select(following.label("id")).select_from(func.generate_series(1, missing)).subquery()
        connection.execute(select(func.count(given.c.id)))
        return
    known = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'requests'").scalar()
    if known is None:
        connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES ('requests', ?)", (beyond,))
    elif known < beyond:
        connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = 'requests'", (beyond,))


@cache
def _held(dialect: str) -> Select[int]:
    request = tables.requests.c
    query = select(request.id).where(
        request.id.in_(bindparam("ids", expanding=True)),
        request.lease_owner == bindparam("owner"),
        request.state == "leased",
    )
    return query.order_by(request.id).with_for_update() if dialect == "postgresql" else query


def held_by(connection: Connection, owner: str, ids: Sequence[int]) -> set[int]:
    """Those of the requests whose lease this worker still holds; locked where the database locks rows."""
    found = connection.execute(_held(connection.dialect.name), {"ids": ids, "owner": owner})
    return set(found.scalars())


_TRIED = or_(
    bindparam("new_attempts", type_=Integer) > tables.requests.c.attempts,
    bindparam("new_answered", type_=Text).is_not(None),
)
"""Whether a finished request was sent: one that was only released was not."""

_ACKNOWLEDGE: Update = (
    update(tables.requests)
    .where(tables.requests.c.id == bindparam("of_id"))
    .values(
        state=case(
            (
                and_(
                    own_rank(tables.requests.c.rank) < bindparam("of_rank", type_=Integer),
                    bindparam("new_state", type_=Text) == "done",
                ),
                "queued",
            ),
            else_=bindparam("new_state", type_=Text),
        ),
        rank=case(
            (
                and_(bindparam("put_last", type_=Boolean), tables.requests.c.rank < LAST_RANK // 2),
                tables.requests.c.rank + LAST_RANK,
            ),
            else_=tables.requests.c.rank,
        ),
        reason=bindparam("new_reason"),
        extra=func.coalesce(bindparam("new_extra", type_=Text), tables.requests.c.extra),
        attempts=bindparam("new_attempts"),
        delay=bindparam("new_delay", type_=Float),
        tries=func.coalesce(tables.requests.c.tries, 0) + case((_TRIED, 1), else_=0),
        tried_at=case((_TRIED, bindparam("new_tried", type_=Text)), else_=tables.requests.c.tried_at),
        status=bindparam("new_status"),
        answered_at=bindparam("new_answered"),
        lease_owner=None,
        lease_until=None,
    )
)


@cache
def _acknowledge(dialect: str) -> Update:
    """The rest of a delay counts from the shared time."""
    return _ACKNOWLEDGE.values(available_at=shared_time(dialect) + bindparam("new_delay", type_=Float))


def acknowledge(connection: Connection, units: Sequence[Unit]) -> None:
    """Write the outcome of the units' requests, and end their leases."""
    now, moment = steady(), shared_moment(connection)
    now_text = datetime.now(UTC).isoformat(timespec="milliseconds")
    result = connection.execute(
        _acknowledge(connection.dialect.name),
        [
            {
                "of_id": unit.request_id,
                "new_state": unit.state,
                "of_rank": None if unit.priority is None else -unit.priority,
                "put_last": unit.last,
                "new_reason": unit.reason,
                "new_extra": unit.extra,
                "new_attempts": unit.attempts,
                "new_status": unit.answer.status if unit.answer else None,
                "new_answered": unit.answer.received_at if unit.answer else None,
                "new_delay": None if unit.due is None else max(0.0, unit.due - now),
                "new_tried": unit.answer.received_at if unit.answer else now_text,
            }
            | moment
            for unit in units
        ],
    )
    changed(len(units), result)
