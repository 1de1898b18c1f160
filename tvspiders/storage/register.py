"""A crawl's register: which items it has seen with which content, and the answer behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from tvspiders.items import Item, Tag
from tvspiders.storage import tables
from tvspiders.storage.units import Unit, digest, key_text, kind_of
from tvspiders.storage.upserts import insert_for


def register_items(
    connection: Connection, crawl_id: int, units: Sequence[Unit], answer_ids: Mapping[int, int]
) -> dict[int, list[Item]]:
    """Note each item in the crawl's register and the answer behind it; returns the fresh ones by request."""
    latest: dict[tuple[str, str], tuple[int, Item]] = {}
    for unit in units:
        for item in unit.items:
            if not isinstance(item, Tag):
                latest[kind_of(item), key_text(item)] = (unit.request_id, item)
    if not latest:
        return {}
    statement = insert_for(connection, tables.crawl_items)
    changed = tables.crawl_items.c.digest != statement.excluded.digest
    statement = statement.on_conflict_do_update(
        index_elements=["crawl_id", "kind", "key"],
        set_={"digest": statement.excluded.digest, "answer_id": statement.excluded.answer_id},
        where=changed,
    ).returning(tables.crawl_items.c.kind, tables.crawl_items.c.key)
    rows = [
        {
            "crawl_id": crawl_id,
            "kind": kind,
            "key": key,
            "digest": digest(item),
            "answer_id": answer_ids.get(request_id),
        }
        for (kind, key), (request_id, item) in sorted(latest.items(), key=lambda entry: entry[0])
    ]
    written = {(kind, key) for kind, key in connection.execute(statement, rows)}
    fresh: dict[int, list[Item]] = {}
    for name, (request_id, item) in latest.items():
        if name in written:
            fresh.setdefault(request_id, []).append(item)
    return fresh
