"""What stored answers give today is written beside what they gave before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from tvspiders.storage import tables
from tvspiders.storage.catalogue.change_detection import filter_unchanged
from tvspiders.storage.catalogue.write import write_items
from tvspiders.storage.database.upserts import changed
from tvspiders.storage.people.leave_out import leave_out
from tvspiders.storage.queue.register import register_items
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.units import Unit


def write_again(connection: Connection, crawl_id: int, read: Sequence[tuple[int, Unit]]) -> int:
    """Write what stored answers (with their numbers) give today; returns how many were refused before.

    The requests of those count as answered from now on, and what follows from
    them is queued.
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
    news = [(answer_id, unit) for answer_id, unit in read if unit.request_id in understood]
    if news:
        add_requests(
            connection, crawl_id, [(unit.request_id, new) for _, unit in news for new in unit.requests]
        )
        answered = update(table).where(table.c.id.in_(understood)).values(state="done", reason=None)
        changed(len(understood), connection.execute(answered))
        read_now = [answer_id for answer_id, _ in news]
        believed = update(answers).where(answers.c.id.in_(read_now)).values(refused=None)
        changed(len(read_now), connection.execute(believed))
        crawls = tables.crawls
        changed(1, connection.execute(update(crawls).where(crawls.c.id == crawl_id).values(idle_runs=0)))
    return len(understood)
