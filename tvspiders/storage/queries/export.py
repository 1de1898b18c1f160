"""The rows of ``scrapy export``: things, creators, edges and snapshots, whole or of one crawl; and orders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Table, cast, exists, false, func, select, true

from tvspiders.storage.people.pseudonyms import Pseudonyms
from tvspiders.storage.tables import (
    crawl_items,
    creators,
    download_snapshots,
    order_events,
    orders,
    remix_edges,
    things,
)

KINDS = ("things", "creators", "edges", "snapshots")
"""What is exported unless kinds are named, in the order of the export."""
PRIVATE_KINDS = ("orders", "order_events")
"""What is exported only by name: it is no part of the public record, and of no crawl."""
JSON_COLUMNS = ("tags", "categories", "ancestors", "dates", "payload")
LEFT_OUT = ("raw_json", "key")
"""Columns that an export does not hold: the raw answer, and the database's own row number."""

_TABLES: dict[str, tuple[str, Table]] = {
    "things": ("thing", things),
    "creators": ("creator", creators),
    "edges": ("edge", remix_edges),
    "snapshots": ("snapshot", download_snapshots),
    "orders": ("order", orders),
    "order_events": ("order_event", order_events),
}


def export_rows(
    connection: Connection, kind: str, crawl_id: int | None = None, pseudonyms: Pseudonyms | None = None
) -> Iterator[dict[str, Any]]:
    """Rows of one kind in key order as plain data, ``kind`` first; memory does not grow with their number.

    ``pseudonyms`` leaves out whatever names a person.
    """
    name, table = _TABLES[kind]
    columns = [column for column in table.c if column.name not in LEFT_OUT]
    query = select(*columns).order_by(*table.primary_key.columns)
    if crawl_id is not None:
        query = _of_crawl(query, kind, crawl_id, connection.dialect.name)
    with connection.execution_options(yield_per=1000).execute(query) as found:
        for row in found.mappings():
            told = dict(row) if pseudonyms is None else pseudonyms.row(table, dict(row))
            yield {"kind": name, **{key: _plain(key, value) for key, value in told.items()}}


def _plain(name: str, value: Any) -> Any:
    return json.loads(value) if name in JSON_COLUMNS and value is not None else value


def _of_crawl(query: Select[Any], kind: str, crawl_id: int, dialect: str) -> Select[Any]:
    item = crawl_items.c
    if kind in PRIVATE_KINDS:
        return query.where(false())
    if kind == "snapshots":
        return query.where(download_snapshots.c.crawl_id == crawl_id)
    if kind == "things":
        met = select(cast(item.key, BigInteger)).where(item.crawl_id == crawl_id, item.kind == "thing")
        return query.where(things.c.id.in_(met))
    if kind == "creators":
        # Keys are NUMBER>NAME; the number is empty where it is not known.
        number = func.split_part(item.key, ">", 1) if dialect == "postgresql" else _before_arrow(item.key)
        met = select(cast(func.nullif(number, ""), BigInteger)).where(
            item.crawl_id == crawl_id, item.kind == "creator", func.nullif(number, "").is_not(None)
        )
        nameless = exists(true()).where(
            item.crawl_id == crawl_id, item.kind == "creator", item.key == (">" + creators.c.username)
        )
        return query.where(creators.c.id.in_(met) | nameless)
    key = _text(remix_edges.c.parent_id) + ">" + _text(remix_edges.c.child_id) + ">"
    seen = exists(true()).where(
        item.crawl_id == crawl_id, item.kind == "edge", item.key.in_([key + "child", key + "parent"])
    )
    return query.where(seen)


def _before_arrow(column: Any) -> Any:
    return func.substr(column, 1, func.instr(column, ">") - 1)


def _text(column: Any) -> Any:
    from sqlalchemy import Text

    return cast(column, Text)
