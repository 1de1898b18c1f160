"""Store the answers of units, and register their items with the answer behind each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, insert

from tvspiders.items import Item, Tag
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import CODEC, pack
from tvspiders.storage.database.upserts import insert_into
from tvspiders.storage.units import Unit, digest, key_text, kind_of


def store_answers(
    connection: Connection, crawl_id: int, feed_id: int | None, units: Sequence[Unit]
) -> dict[int, int]:
    """Store the answers of units; returns their ids by id of the request."""
    kept = [(unit.request_id, unit.answer) for unit in units if unit.answer is not None]
    if not kept:
        return {}
    rows: list[dict[str, Any]] = []
    for request_id, answer in kept:
        codec, body = pack(answer.body) if answer.body is not None else (CODEC, None)
        rows.append(
            {
                "request_id": request_id,
                "crawl_id": crawl_id,
                "feed_id": feed_id,
                "received_at": answer.received_at,
                "status": answer.status,
                "headers": json.dumps(answer.headers) if answer.headers else None,
                "codec": codec,
                "body": body,
                "refused": answer.refused,
                "scrubbed": answer.scrubbed,
            }
        )
    statement = insert(tables.answers).returning(tables.answers.c.id, sort_by_parameter_order=True)
    ids = connection.execute(statement, rows).scalars().all()
    return {request_id: number for (request_id, _), number in zip(kept, ids, strict=True)}


def register_items(
    connection: Connection, crawl_id: int, units: Sequence[Unit], answer_ids: Mapping[int, int]
) -> dict[int, list[Item]]:
    """Register each item of the crawl and the answer behind it; returns the new ones by request.

    Puts the digests of the items into their units.
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
    """Write items that are new or have other content, and return which."""
    statement = insert_into(dialect, tables.crawl_items)
    changed = tables.crawl_items.c.digest != statement.excluded.digest
    return statement.on_conflict_do_update(
        index_elements=["crawl_id", "kind", "key"],
        set_={"digest": statement.excluded.digest, "answer_id": statement.excluded.answer_id},
        where=changed,
    ).returning(tables.crawl_items.c.kind, tables.crawl_items.c.key)
