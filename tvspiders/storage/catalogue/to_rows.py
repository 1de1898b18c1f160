"""From items to rows of the tables."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from tvspiders import items
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import pack

Rows = dict[Table, list[dict[str, Any]]]
"""Rows to write, by table."""

PLAIN: dict[type[items.Item], Table] = {
    items.Tag: tables.tags,
    items.Category: tables.categories,
    items.File: tables.files,
    items.Image: tables.images,
    items.Make: tables.makes,
    items.Like: tables.likes,
    items.Collection: tables.collections,
    items.CollectionMember: tables.collection_members,
    items.Follow: tables.follows,
    items.Comment: tables.comments,
    items.ListRead: tables.lists,
}
"""Items whose fields are the columns of one table."""


def add_rows(item: items.Item, rows: Rows, raw_json: str | None = None) -> None:
    """Add the rows of one item to ``rows``; ``raw_json`` is the answer behind a thing's own page."""
    if isinstance(item, items.Thing):
        _add_thing(item, rows, raw_json)
    elif isinstance(item, items.Creator):
        _add_creator(item, rows)
    elif isinstance(item, items.Edge):
        _add_edge(item, rows)
    elif isinstance(item, items.ThingCategory):
        row = {
            "thing_id": item.thing_id,
            "category_slug": item.category_slug,
            "last_scraped": item.last_scraped,
        }
        rows.setdefault(tables.thing_categories, []).append(row)
        _add_category_name(item, rows)
    elif isinstance(item, items.PageSnapshot):
        _add_page(item, rows)
    elif isinstance(item, items.Tombstone):
        row = columns_of(item) | {"first_seen": item.last_scraped}
        rows.setdefault(tables.tombstones, []).append(row)
    else:
        rows.setdefault(PLAIN[type(item)], []).append(columns_of(item))


def columns_of(item: items.Item) -> dict[str, Any]:
    """The fields of an item but ``kind``, lists as JSON text."""
    row: dict[str, Any] = {}
    kind: Any = type(item)
    for name in _column_names(kind):
        value = getattr(item, name)
        row[name] = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
    return row


@lru_cache
def _column_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name != "kind")


def add_told(item: items.Item, rows: Rows) -> None:
    """Add the rows of what an edge tells of the thing at its other end, with the time of that answer.

    :func:`~tvspiders.storage.catalogue.write.write_items` decides what of it is kept.
    """
    if isinstance(item, items.Edge):
        for told in item.told:
            told.last_scraped = item.last_scraped
            add_rows(told, rows)


def _add_thing(item: items.Thing, rows: Rows, raw_json: str | None) -> None:
    row = columns_of(item)
    detail = row.pop("detail")
    row["detail_scraped"] = item.last_scraped if detail else None
    row["raw_json"] = raw_json if detail else None
    row["changed_in_list_at"] = None
    row["told_at"] = None
    row["first_seen"] = item.last_scraped
    rows.setdefault(tables.things, []).append(row)


def _add_creator(item: items.Creator, rows: Rows) -> None:
    row = columns_of(item)
    row["profile_scraped"] = item.last_scraped if row.pop("profile") else None
    row["first_seen"] = item.last_scraped
    rows.setdefault(tables.creators, []).append(row)


def _add_edge(item: items.Edge, rows: Rows) -> None:
    row = {
        "parent_id": item.parent_id,
        "child_id": item.child_id,
        "seen_from_child": item.last_scraped if item.seen_from == "child" else None,
        "seen_from_parent": item.last_scraped if item.seen_from == "parent" else None,
        "first_seen": item.last_scraped,
        "last_scraped": item.last_scraped,
    }
    rows.setdefault(tables.remix_edges, []).append(row)


def _add_page(item: items.PageSnapshot, rows: Rows) -> None:
    html, png = item.held or (None, None)
    codec, packed = pack(html) if html is not None else (None, None)
    row = columns_of(item) | {"codec": codec, "html": packed, "png": png}
    rows.setdefault(tables.page_snapshots, []).append(row)


def _add_category_name(item: items.ThingCategory, rows: Rows) -> None:
    category = items.Category(
        slug=item.category_slug, name=item.category_name, last_scraped=item.last_scraped
    )
    rows.setdefault(tables.categories, []).append(columns_of(category))
