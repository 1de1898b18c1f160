"""Commit units of work in one transaction, while their leases are ours; write parsed answers again.

The ledger's guarantee is made here: a request's state, the items of its answer and
its new requests become visible together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.catalogue.change_detection import filter_unchanged
from tvspiders.storage.catalogue.things import Written
from tvspiders.storage.catalogue.write import write_items
from tvspiders.storage.database.upserts import changed
from tvspiders.storage.people.leave_out import leave_out
from tvspiders.storage.queue.answers import register_items, store_answers
from tvspiders.storage.queue.requests import acknowledge, add_requests, held_by
from tvspiders.storage.units import NOTHING_SPARED, Committed, Unit


def commit_units(
    connection: Connection, crawl_id: int, owner: str, units: Sequence[Unit], feed_id: int | None = None
) -> list[Committed]:
    """Write the units whose lease is still ours; units of lost leases are left out of the result."""
    held = held_by(connection, owner, [unit.request_id for unit in units])
    alive = [unit for unit in units if unit.request_id in held]
    if not alive:
        return []
    alive, spared = filter_unchanged(connection, crawl_id, leave_out(connection, alive))
    answer_ids = store_answers(connection, crawl_id, feed_id, alive)
    fresh = register_items(connection, crawl_id, alive, answer_ids)
    written = write_items(connection, crawl_id, alive)
    add_requests(
        connection, crawl_id, [(unit.request_id, request) for unit in alive for request in unit.requests]
    )
    acknowledge(connection, alive)
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


def write_again(connection: Connection, crawl_id: int, read: Sequence[tuple[int, Unit]]) -> int:
    """Write what stored answers (by id) give when parsed today; returns how many were refused before.

    The requests of those count as answered from now on, and their new requests
    are queued.
    """
    units, _ = filter_unchanged(connection, crawl_id, leave_out(connection, [unit for _, unit in read]))
    read = [(answer_id, unit) for (answer_id, _), unit in zip(read, units, strict=True)]
    register_items(connection, crawl_id, units, {unit.request_id: answer_id for answer_id, unit in read})
    write_items(connection, crawl_id, units)
    table, answers = tables.requests, tables.answers
    query = select(table.c.id).where(
        table.c.id.in_([unit.request_id for unit in units]), table.c.state == "quarantined"
    )
    understood = set(connection.execute(query).scalars())
    now_good = [(answer_id, unit) for answer_id, unit in read if unit.request_id in understood]
    if now_good:
        add_requests(
            connection, crawl_id, [(unit.request_id, new) for _, unit in now_good for new in unit.requests]
        )
        answered = update(table).where(table.c.id.in_(understood)).values(state="done", reason=None)
        changed(len(understood), connection.execute(answered))
        read_now = [answer_id for answer_id, _ in now_good]
        accepted = update(answers).where(answers.c.id.in_(read_now)).values(refused=None)
        changed(len(read_now), connection.execute(accepted))
        crawls = tables.crawls
        changed(1, connection.execute(update(crawls).where(crawls.c.id == crawl_id).values(idle_runs=0)))
    return len(understood)
