"""Stored pages, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.tables import page_snapshots

BLOBS = ("html", "png", "codec")


def stored_pages(
    connection: Connection, things: Sequence[int] = ()
) -> Iterator[tuple[dict[str, Any], bytes, bytes]]:
    """Facts, HTML and PNG of each stored page, by thing and time; of all things unless some are named.

    Memory holds one page at a time. Raises ``StorageProblem`` for a damaged one.
    """
    table = page_snapshots.c
    facts = [column for column in table if column.name not in BLOBS]
    query = select(table.thing_id, table.taken_at).where(table.html.is_not(None), table.png.is_not(None))
    if things:
        query = query.where(table.thing_id.in_(things))
    for key in connection.execute(query.order_by(table.thing_id, table.taken_at)).all():
        whole = select(*facts, table.codec, table.html, table.png).where(
            table.thing_id == key.thing_id, table.taken_at == key.taken_at
        )
        row = dict(connection.execute(whole).mappings().one())
        codec, html, png = (row.pop(name) for name in ("codec", "html", "png"))
        yield row, unpack(codec, html), bytes(png)
