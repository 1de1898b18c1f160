"""An overview of a database: how much is in it, and the top things."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from tvspiders.storage.tables import creators, download_snapshots, remix_edges, tags, things, tombstones


@dataclass(frozen=True)
class TopThing:
    """A thing among the most downloaded."""

    id: int
    name: str | None
    creator: str | None
    downloads: int | None
    likes: int | None
    makes: int | None
    remixes: int | None
    license: str | None


@dataclass(frozen=True)
class Parent:
    """A thing that others were made from."""

    id: int
    name: str | None
    children: int


def row_counts(connection: Connection) -> dict[str, int]:
    """Rows of the main tables, by what they are; things that only others name are counted apart."""
    answered = things.c.last_scraped.is_not(None)
    tables = {
        "creators": creators,
        "remix edges": remix_edges,
        "tags": tags,
        "snapshots": download_snapshots,
        "gone or hidden": tombstones,
    }
    wanted = {"things": select(func.count()).where(answered)}
    wanted["named by others only"] = select(func.count()).select_from(things).where(~answered)
    wanted |= {name: select(func.count()).select_from(table) for name, table in tables.items()}
    return {name: int(connection.execute(query).scalar_one()) for name, query in wanted.items()}


def top_things(connection: Connection, limit: int) -> list[TopThing]:
    """The most downloaded things."""
    t = things.c
    query = select(
        t.id, t.name, t.creator, t.download_count, t.like_count, t.make_count, t.remix_count, t.license
    )
    query = query.where(t.download_count.is_not(None)).order_by(t.download_count.desc(), t.id).limit(limit)
    return [TopThing(*row) for row in connection.execute(query)]


def top_parents(connection: Connection, limit: int) -> list[Parent]:
    """The things with most remixes among what was crawled; some that no answer has named have no name."""
    edge = remix_edges.c
    number = func.count().label("number")
    counted = (
        select(edge.parent_id, number)
        .where(edge.parent_id != edge.child_id)
        .group_by(edge.parent_id)
        .order_by(number.desc(), edge.parent_id)
        .limit(limit)
        .subquery()
    )
    query = (
        select(counted.c.parent_id, things.c.name, counted.c.number)
        .outerjoin_from(counted, things, things.c.id == counted.c.parent_id)
        .order_by(counted.c.number.desc(), counted.c.parent_id)
    )
    return [Parent(*row) for row in connection.execute(query)]
