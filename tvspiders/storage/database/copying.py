"""Copy all rows of a SQLite database into an empty PostgreSQL database, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, inspect, literal, null, select, update
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.schema import one_line, transaction
from tvspiders.storage.tables import answers, feeds, metadata

BATCH_ROWS = 1000
"""Rows in memory at a time."""


def copy_database(
    source: Engine, target: Engine, host: str, on_table: Callable[[str, int], None] = lambda table, rows: None
) -> Mapping[str, int]:
    """Copy every row and return how many each table has; both databases have our present schema.

    Nothing else can write to the source meanwhile. ``host`` is the name of this computer, which is part
    of a feed's place where workers share a crawl. ``on_table`` is called after each table.

    Raises ``StorageProblem``, with the target as empty as before, when the target holds rows, when a
    table is not known, and when counts differ afterwards.
    """
    try:
        with transaction(source) as reading, transaction(target) as connection:
            return _copy(reading, connection, host, on_table)
    except DBAPIError as error:
        raise StorageProblem(f"nothing was copied: {one_line(error)}") from None


def _copy(
    source: Connection, target: Connection, host: str, on_table: Callable[[str, int], None]
) -> Mapping[str, int]:
    unknown = set(inspect(source).get_table_names()) - set(metadata.tables) - {"alembic_version"}
    if unknown:
        raise StorageProblem(f"nothing was copied: the table {min(unknown)!r} is not one of ours")
    for table in metadata.sorted_tables:
        if target.execute(select(literal(1)).select_from(table).limit(1)).first():
            raise StorageProblem(
                f"nothing was copied: the new database is not empty, its table {table.name!r} has rows"
            )
    counts = {table.name: _copy_table(source, target, table, on_table) for table in metadata.sorted_tables}
    _adapt_feeds(target, host)
    for table in metadata.sorted_tables:
        there = target.execute(select(func.count()).select_from(table)).scalar_one()
        here = source.execute(select(func.count()).select_from(table)).scalar_one()
        if not there == here == counts[table.name]:
            raise StorageProblem(f"nothing was copied: {table.name} has {here} rows, {there} arrived")
    return counts


def _copy_table(
    source: Connection, target: Connection, table: Table, on_table: Callable[[str, int], None]
) -> int:
    copied = 0
    result = source.execute(select(table).execution_options(yield_per=BATCH_ROWS))
    for rows in result.mappings().partitions():
        values: list[dict[str, Any]] = [dict(row) for row in rows]
        target.execute(table.insert(), values)
        copied += len(values)
    _advance(target, table)
    on_table(table.name, copied)
    return copied


def _advance(target: Connection, table: Table) -> None:
    """Number new rows after the copied ones."""
    column = table.autoincrement_column
    if column is None:
        return
    highest = target.execute(select(func.max(column))).scalar()
    if highest is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        target.execute(select(func.setval(sequence, highest)))


def _adapt_feeds(target: Connection, host: str) -> None:
    """Where workers share a crawl, a feed's place names its computer, and an answer its worker's feed."""
    target.execute(update(feeds).values(uri=literal(f"{host}:") + feeds.c.uri))
    first = select(func.min(feeds.c.id)).where(feeds.c.crawl_id == answers.c.crawl_id).scalar_subquery()
    target.execute(
        update(answers)
        .where(answers.c.feed_id.is_(null()), answers.c.crawl_id.in_(select(feeds.c.crawl_id)))
        .values(feed_id=first)
    )
