"""Store orders and their events: each event once, also if delivered twice or late."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from tvspiders.storage.database.upserts import changed, insert_for
from tvspiders.storage.tables import order_events, orders

Merge = Callable[[int, Iterable[tuple[str, str]]], dict[str, Any]]
"""Number of an order, and name and payload of all its events -> its row."""
_LOCK = 7_385_009
"""PostgreSQL advisory lock that receivers share: an order is built from all of its events."""


def record_events(
    connection: Connection, events: Sequence[Mapping[str, Any]], received_at: str, merge: Merge
) -> list[bool]:
    """Store events (``key``, ``event``, ``order_id``, ``payload``) and bring their orders up to date.

    Returns for each whether it is new. One that is known keeps its first payload
    and only counts the delivery.
    """
    if connection.dialect.name == "postgresql":
        # the sender waits for an answer, so a lock is not waited for in here
        connection.execute(select(func.set_config("lock_timeout", "1s", True)))
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    table = order_events.c
    known = set(
        connection.execute(
            select(table.key).where(table.key.in_([event["key"] for event in events]))
        ).scalars()
    )
    fresh: dict[str, dict[str, Any]] = {}
    answers: list[bool] = []
    again: dict[str, int] = {}
    for event in events:
        key = event["key"]
        answers.append(key not in known)
        if key in known:
            again[key] = again.get(key, 0) + 1
        else:
            known.add(key)
            fresh[key] = dict(event) | {
                "received_at": received_at,
                "last_received": received_at,
                "deliveries": 1,
            }
    if fresh:
        connection.execute(insert_for(connection, order_events), list(fresh.values()))
    if again:
        result = connection.execute(
            update(order_events)
            .where(table.key == bindparam("of_key"))
            .values(deliveries=table.deliveries + bindparam("more"), last_received=received_at),
            [{"of_key": key, "more": more} for key, more in sorted(again.items())],
        )
        changed(len(again), result)
    _merge_orders(connection, {row["order_id"] for row in fresh.values()} - {None}, received_at, merge)
    return answers


def _merge_orders(connection: Connection, numbers: set[int], received_at: str, merge: Merge) -> None:
    if not numbers:
        return
    table = order_events.c
    query = select(table.order_id, table.event, table.payload).where(table.order_id.in_(numbers))
    events: dict[int, list[tuple[str, str]]] = {}
    for row in connection.execute(query.order_by(table.received_at, table.key)):
        events.setdefault(row.order_id, []).append((row.event, row.payload))
    rows = [
        merge(number, events[number]) | {"first_seen": received_at, "last_received": received_at}
        for number in sorted(events)
    ]
    statement = insert_for(connection, orders)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in ("id", "first_seen")}
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes), rows)
