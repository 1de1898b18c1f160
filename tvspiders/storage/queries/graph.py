"""Read the remix network: edges, and the things that did not answer."""

from __future__ import annotations

from sqlalchemy import Connection, case, cast, func, select

from tvspiders.storage.database.reading import Batches, before, known_by, whole_numbers
from tvspiders.storage.tables import Big, remix_edges, tombstones

SEEN_FROM_CHILD, SEEN_FROM_PARENT = 1, 2
"""Bits of an edge's third column: which end has named it."""


def edges(connection: Connection, until: str | None = None) -> Batches:
    """Parent, child and which ends named the edge, for all edges known before ``until``."""
    table = remix_edges
    ends = case((before(connection, table.c.seen_from_child, until), SEEN_FROM_CHILD), else_=0) + case(
        (before(connection, table.c.seen_from_parent, until), SEEN_FROM_PARENT), else_=0
    )
    moment = func.coalesce(table.c.first_seen, table.c.last_scraped)
    query = select(table.c.parent_id, table.c.child_id, ends).where(known_by(connection, moment, until))
    return whole_numbers(connection, query)


def missing(connection: Connection, until: str | None = None) -> Batches:
    """Numbers of the things whose own page says that they are gone or hidden, with 1 for hidden."""
    table = tombstones
    hidden = case((table.c.reason == "hidden", 1), else_=0)
    query = select(cast(table.c.subject_id, Big), hidden).where(
        table.c.subject == "thing", known_by(connection, table.c.first_seen, until)
    )
    back = table.c.back_at
    query = query.where(back.is_(None) if until is None else ~before(connection, back, until))
    return whole_numbers(connection, query)
