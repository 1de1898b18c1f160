"""A crawl's register: which items it has seen with which content, and the answer behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection

from tvspiders.items import Item, Tag
from tvspiders.storage import tables
from tvspiders.storage.database.upserts import insert_into
from tvspiders.storage.units import Unit, digest, key_text, kind_of


def register_items(
    connection: Connection, crawl_id: int, units: Sequence[Unit], answer_ids: Mapping[int, int]
) -> dict[int, list[Item]]:
    """Note each item in the crawl's register and the answer behind it; returns the fresh ones by request.

    Leaves the digests of the items in their units.
    """
    latest: dict[tuple[str, str], tuple[int, Item, bytes]] = {}
    for unit in units:
        unit.digests = [digest(item) for item in unit.items]
        for item, content in zip(unit.items, unit.digests, strict=True):
            if not isinstance(item, Tag):
                latest[kind_of(item), key_text(item)] = (unit.request_id, item, content)
    if not latest:
        return {}
    rows = [
        {
            "crawl_id": crawl_id,
            "kind": kind,
            "key": key,
            "digest": content,
            "answer_id": answer_ids.get(request_id),
        }
        for (kind, key), (request_id, _, content) in sorted(latest.items(), key=lambda entry: entry[0])
    ]
    written = {(kind, key) for kind, key in connection.execute(_note(connection.dialect.name), rows)}
    fresh: dict[int, list[Item]] = {}
    for name, (request_id, item, _) in latest.items():
        if name in written:
            fresh.setdefault(request_id, []).append(item)
    return fresh


@cache
def _note(dialect: str) -> Any:
    """Write what is new or has other content, and say which that was."""
    statement = insert_into(dialect, tables.crawl_items)
    changed = tables.crawl_items.c.digest != statement.excluded.digest
    return statement.on_conflict_do_update(
        index_elements=["crawl_id", "kind", "key"],
        set_={"digest": statement.excluded.digest, "answer_id": statement.excluded.answer_id},
        where=changed,
    ).returning(tables.crawl_items.c.kind, tables.crawl_items.c.key)
