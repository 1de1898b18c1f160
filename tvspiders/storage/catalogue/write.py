"""The items of units, written to the tables that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_

from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.catalogue.creators import write_creators
from tvspiders.storage.catalogue.things import Written, write_category_names, write_things
from tvspiders.storage.catalogue.to_rows import Rows, add_rows, add_told
from tvspiders.storage.catalogue.tombstones import note_reappeared
from tvspiders.storage.catalogue.unaccounted_rows import note_unaccounted
from tvspiders.storage.database.upserts import merge_rows, upsert
from tvspiders.storage.units import Unit

_WITHOUT_NUMBER = tables.files.c.id.is_(None)
"""Where a file's name is its key."""


def write_items(connection: Connection, crawl_id: int, units: Sequence[Unit]) -> Written:
    """Write the rows of all items, table by table; returns what that brought in things and snapshots."""
    rows: Rows = {}
    written = Written()
    told: Rows = {}
    for unit in units:
        for item in unit.items:
            add_rows(item, rows, unit.raw_json if isinstance(item, Thing) and item.detail else None)
            add_told(item, told)
        for item in unit.told:
            add_rows(item, told)
    filed = {row["thing_id"] for row in rows.get(tables.thing_categories, ())}
    if tables.lists in rows:
        note_unaccounted(connection, crawl_id, rows[tables.lists])
    special = {tables.things, tables.creators, tables.files}
    for table in sorted(rows, key=lambda table: table.name):
        if table not in special:
            upsert(connection, table, rows[table])
    note_reappeared(connection, rows)
    if tables.files in rows:
        _write_files(connection, rows[tables.files])
    if tables.creators in rows or tables.creators in told:
        write_creators(connection, rows.get(tables.creators, []), told.get(tables.creators, []))
    if tables.things in rows or tables.things in told:
        written = write_things(connection, rows.get(tables.things, []), crawl_id, told.get(tables.things, []))
        filed |= written.new
    if filed:
        write_category_names(connection, filed)
    return written


def _write_files(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Files under their numbers; under its name one that a thing's page names, until the list numbers it."""
    table = tables.files
    named = tuple_(table.c.thing_id, table.c.name)
    numbered = [row for row in rows if row["id"] is not None]
    upsert(connection, table, numbered, key=("thing_id", "id"))
    told = {(row["thing_id"], row["name"]) for row in numbered}
    if told:
        connection.execute(delete(table).where(table.c.id.is_(None), named.in_(sorted(told))))
    key = ("thing_id", "name")
    rest = merge_rows(key, [row for row in rows if row["id"] is None])
    if rest:
        names = [tuple(row[name] for name in key) for row in rest]
        found = connection.execute(
            select(table.c.thing_id, table.c.name).where(table.c.id.is_not(None), named.in_(names))
        )
        told = {tuple(row) for row in found}
        left = [row for row in rest if tuple(row[name] for name in key) not in told]
        upsert(connection, table, left, key=key, where=_WITHOUT_NUMBER)
