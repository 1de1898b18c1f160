"""Read counts over time."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tvspiders.storage.database.reading import Batches, batches, before
from tvspiders.storage.tables import download_snapshots

COUNTS = ("download_count", "like_count", "make_count", "remix_count", "collect_count")
"""The counts of a snapshot that measures use, in the order of the columns."""


def snapshots(connection: Connection, until: str | None = None) -> Batches:
    """Thing, time and ``COUNTS`` of each snapshot before ``until``, thing by thing, oldest first."""
    table = download_snapshots
    query = (
        select(table.c.thing_id, table.c.recorded_at, *(table.c[name] for name in COUNTS))
        .where(before(connection, table.c.recorded_at, until))
        .order_by(table.c.thing_id, table.c.recorded_at, table.c.id)
    )
    return batches(connection, query)
