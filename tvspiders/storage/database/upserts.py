"""Idempotent upserts: the newest answer wins, and unknown never overwrites known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Dialect, Executable, Table, case, func
from sqlalchemy.dialects import sqlite

from tvspiders.errors import DatabaseChanged

KEEP_FIRST = frozenset({"first_seen"})
"""Columns that keep the value they got first."""
KEEP_LATEST = frozenset(
    {
        "detail_scraped",
        "changed_in_list_at",
        "told_at",
        "profile_scraped",
        "seen_from_child",
        "seen_from_parent",
    }
)
"""Columns of times that only ever move forward."""

Row = Mapping[str, Any]


def changed(rows: int, result: CursorResult[Any]) -> None:
    """Raises ``DatabaseChanged`` unless an update matched exactly so many rows."""
    if result.rowcount != rows:
        raise DatabaseChanged(f"{rows} rows should have been there to be changed, and {result.rowcount} were")


def insert_for(connection: Connection, table: Table) -> Any:
    """The INSERT of this database, which knows ON CONFLICT."""
    return insert_into(connection.dialect.name, table)


def insert_into(dialect: str, table: Table) -> Any:
    """The same by the dialect's name."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # not loaded where SQLite is used

        return postgresql.insert(table)
    return sqlite.insert(table)


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Row],
    key: Sequence[str] = (),
    where: ColumnElement[bool] | None = None,
) -> None:
    """Write rows into a table by its primary key, or by another unique ``key`` (within ``where``).

    Rows of one key are merged first, oldest to newest, and written in key
    order: one statement may not touch a row twice, and an order that all
    writers share cannot deadlock. Each row must give all the columns of the
    first one.
    """
    keys = tuple(key or (column.name for column in table.primary_key))
    merged = merge_rows(keys, rows)
    if not merged:
        return
    prepared = _prepared(connection.dialect, table, keys, tuple(merged[0]), where)
    if prepared.constants:
        merged = [prepared.constants | row for row in merged]
    if prepared.in_order is None:
        connection.exec_driver_sql(prepared.sql, merged)
    else:
        connection.exec_driver_sql(prepared.sql, list(map(prepared.in_order, merged)))


def merge_rows(key: Sequence[str], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """One row for each key, with the same rule as between answer and table."""
    by_key: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: str(row.get("last_scraped") or "")):
        place = tuple(row[name] for name in key)
        known = by_key.get(place)
        if known is None:
            by_key[place] = dict(row)
            continue
        for name, value in row.items():
            if value is not None and (name not in KEEP_FIRST or known[name] is None):
                known[name] = value
    return [by_key[key] for key in sorted(by_key)]


@dataclass(frozen=True)
class _Prepared:
    """An upsert compiled for the driver: binding by SQLAlchemy takes as long as the write in SQLite."""

    sql: str
    in_order: Callable[[Row], tuple[Any, ...]] | None
    """Orders the values of a row, for drivers with positional parameters; ``None`` for named ones."""
    constants: dict[str, Any]
    """Values that are the same in all rows."""


@lru_cache(maxsize=128)
def _prepared(
    dialect: Dialect,
    table: Table,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    where: ColumnElement[bool] | None,
) -> _Prepared:
    statement: Any = _statement(dialect.name, table, keys, columns, where)
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    in_order = _picker(compiled.positiontup) if compiled.positional else None
    constants = {name: value for name, value in compiled.params.items() if name not in columns}
    return _Prepared(compiled.string, in_order, constants)


def _picker(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    """Takes these values out of a row, without a loop in Python."""
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)


def _statement(
    dialect: str,
    table: Table,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    where: ColumnElement[bool] | None,
) -> Executable:
    statement = insert_into(dialect, table)
    changes = {name: _merged(table, name, statement.excluded) for name in columns if name not in keys}
    if not changes:
        done: Executable = statement.on_conflict_do_nothing(index_elements=keys, index_where=where)
        return done
    updated: Executable = statement.on_conflict_do_update(
        index_elements=keys, index_where=where, set_=changes
    )
    return updated


def _merged(table: Table, name: str, excluded: Any) -> ColumnElement[Any]:
    old, new = table.c[name], excluded[name]
    if name in KEEP_FIRST:
        return func.coalesce(old, new)
    if name in KEEP_LATEST:
        return case((func.coalesce(new, "") > func.coalesce(old, ""), new), else_=old)
    if "last_scraped" not in table.c:
        return func.coalesce(new, old)
    newer = func.coalesce(excluded["last_scraped"], "") >= func.coalesce(table.c.last_scraped, "")
    return case((newer, func.coalesce(new, old)), else_=func.coalesce(old, new))
