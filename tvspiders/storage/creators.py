"""Creators: one row for each person, found by number, then by name; a rename keeps the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, or_, select, update

from tvspiders.storage.tables import creator_names, creators
from tvspiders.storage.upserts import insert_for, merge_rows, upsert

Row = dict[str, Any]


def write_creators(connection: Connection, rows: Sequence[Row]) -> None:
    """Write summaries and profiles; each row has ``username`` and, mostly, ``id``.

    A name belongs to whoever was last seen with it: a former holder keeps the
    row and the number, and has no name until met again.
    """
    numbered = merge_rows(["id"], [row for row in rows if row["id"] is not None])
    nameless = merge_rows(["username"], [row for row in rows if row["id"] is None])
    known = _known(connection, [*numbered, *nameless])
    by_id = {row["id"]: row for row in known if row["id"] is not None}
    by_name = {row["username"]: row for row in known if row["username"] is not None}
    for row in numbered:
        _settle_name(connection, row, by_id, by_name)
    for row in nameless:
        holder = by_name.get(row["username"])
        if holder is not None:
            row["id"] = holder["id"]
    upsert(connection, creators, [row for row in [*numbered, *nameless] if row["id"] is not None], key=["id"])
    upsert(connection, creators, [row for row in nameless if row["id"] is None], key=["username"])


def _known(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    ids = [row["id"] for row in rows if row["id"] is not None]
    names = [row["username"] for row in rows]
    found = connection.execute(
        select(creators.c.key, creators.c.id, creators.c.username, creators.c.last_scraped).where(
            or_(creators.c.id.in_(ids), creators.c.username.in_(names))
        )
    )
    return [dict(row) for row in found.mappings()]


def _settle_name(connection: Connection, row: Row, by_id: dict[int, Row], by_name: dict[str, Row]) -> None:
    """Make the row's name free for it, or take the name off an older answer."""
    holder = by_name.get(row["username"])
    known = by_id.get(row["id"])
    if holder is not None and holder["id"] != row["id"]:
        if holder["id"] is None and known is None:
            connection.execute(update(creators).where(creators.c.key == holder["key"]).values(id=row["id"]))
            holder["id"] = row["id"]
            by_id[row["id"]] = holder
        elif (holder["last_scraped"] or "") <= row["last_scraped"]:
            connection.execute(update(creators).where(creators.c.key == holder["key"]).values(username=None))
            holder["username"] = None
        else:
            row["username"] = None
            return
    by_name[row["username"]] = {"key": None} | row
    if known is not None and known["username"] != row["username"]:
        names = {row["username"]: row["last_scraped"], known["username"]: known["last_scraped"]}
        history = [
            {"creator_id": row["id"], "username": name, "first_seen": seen}
            for name, seen in names.items()
            if name
        ]
        connection.execute(insert_for(connection, creator_names).on_conflict_do_nothing(), history)
