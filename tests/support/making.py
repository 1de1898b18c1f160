"""Items, units and crawls in one line each, for tests of what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, select

from tvspiders import items
from tvspiders.items import Category, Creator, Edge, Item, Source, Tag, Thing, ThingCategory, Tombstone
from tvspiders.storage.commit import commit_units
from tvspiders.storage.queue import crawls, leases
from tvspiders.storage.queue.leases import Leased
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.tables import metadata
from tvspiders.storage.units import Answer, NewRequest, Unit

I = TypeVar("I", bound=Item)  # noqa: E741
OWNER = "worker"
FACTS = {"owner": "process 1 on here"}


def at(second: int) -> str:
    """The moment of receipt that many seconds after noon."""
    return f"2026-11-21T12:{second // 60:02}:{second % 60:02}.000+00:00"


def met(second: int, item: I, request_id: int = 1) -> I:
    """The item, from an answer received at that second."""
    item.stamp(Source(request_id, at(second)))
    return item


def rows(connection: Connection, table: Table, *columns: str, **wanted: Any) -> list[Any]:
    """Rows in key order: one column plain, several as tuples, all as mappings."""
    query = select(*(table.c[name] for name in columns)) if columns else select(table)
    for name, value in wanted.items():
        query = query.where(table.c[name] == value)
    found = connection.execute(query.order_by(*table.primary_key.columns))
    if len(columns) == 1:
        return list(found.scalars())
    return [tuple(row) for row in found] if columns else [dict(row) for row in found.mappings()]


def row(connection: Connection, table: Table, *columns: str, **wanted: Any) -> Any:
    """The only row."""
    (found,) = rows(connection, table, *columns, **wanted)
    return found


def open_crawl(
    connection: Connection,
    query: str = "gear",
    name: str | None = None,
    second: int = 0,
    facts: Mapping[str, Any] = FACTS,
) -> crawls.Crawl:
    return crawls.open_crawl(connection, "things", {"query": query}, name, at(second), facts)


def close_crawl(connection: Connection, crawl: crawls.Crawl, verdict: str, idle: bool | None = False) -> None:
    counts = leases.counts(connection, crawl.id)
    crawls.close_crawl(connection, crawl.id, verdict, None, at(3000), counts, idle)


def asked(number: int, **changes: Any) -> NewRequest:
    """The request for a thing's own page."""
    fields: dict[str, Any] = {"callback": "parse_thing", "kwargs": f'{{"thing_id":{number}}}'} | changes
    return NewRequest(f"/things/{number}", **fields)


def queue(connection: Connection, crawl: crawls.Crawl, *requests: NewRequest) -> None:
    add_requests(connection, crawl.id, [(None, request) for request in requests])


def lease(
    connection: Connection, crawl: crawls.Crawl, limit: int = 100, owner: str = OWNER, seconds: float = 60.0
) -> list[Leased]:
    return leases.lease(connection, crawl.id, owner, limit, seconds)


def leased(connection: Connection, crawl: crawls.Crawl, count: int) -> list[int]:
    """Numbers of that many requests which we hold."""
    queue(connection, crawl, *(asked(number) for number in range(1, count + 1)))
    return [request.id for request in lease(connection, crawl, count)]


def answer(second: int = 1, body: bytes = b"{}", **changes: Any) -> Answer:
    values: dict[str, Any] = {"status": 200, "received_at": at(second), "body": body}
    return Answer(**(values | changes))


def unit(number: int, *items: Item, second: int = 1, **changes: Any) -> Unit:
    """A leased request that was answered, with the items of its answer."""
    found = [met(second, item, number) for item in items]
    values: dict[str, Any] = {"items": found, "answer": answer(second)}
    return Unit(number, **(values | changes))


def commit(connection: Connection, crawl: crawls.Crawl, *units: Unit, owner: str = OWNER) -> list[Unit]:
    """Commit units; returns those that were still ours."""
    done = commit_units(connection, crawl.id, owner, units)
    return [committed.unit for committed in done]


def store(connection: Connection, crawl: crawls.Crawl, *items: Item, second: int = 1) -> None:
    """Commit items as the answer of a new request each time."""
    queue(connection, crawl, NewRequest(f"/page/{second}/{len(rows(connection, _requests()))}", "parse"))
    (request,) = lease(connection, crawl, 1)
    commit(connection, crawl, unit(request.id, *items, second=second))


def _requests() -> Table:
    from tvspiders.storage.tables import requests

    return requests


def by(found: Sequence[Mapping[str, Any]], key: str) -> dict[Any, Mapping[str, Any]]:
    return {entry[key]: entry for entry in found}


def full(number: int) -> list[Item]:
    """One item of every kind, and a second parent."""
    return [
        Thing(id=number, name="Gear", download_count=3, tags=["gear"], ancestors=[1, 2], detail=True),
        Creator(id=number, username=f"maker{number}"),
        Edge(parent_id=1, child_id=number, seen_from="child"),
        Edge(parent_id=2, child_id=number, seen_from="child"),
        Tag(name="gear"),
        Category(slug="art", id=3, name="Art"),
        ThingCategory(thing_id=number, category_slug="art", category_name="Art"),
        items.File(thing_id=number, name="gear.stl", size=5),
        items.Image(thing_id=number, id=4),
        items.Make(id=5, thing_id=number),
        items.Like(username="amber", user_id=4, thing_id=number),
        items.Collection(id=6, name="Gears"),
        items.CollectionMember(collection_id=6, thing_id=number),
        items.Follow(follower="amber", follower_id=4, followed="maker", followed_id=number),
        items.Comment(id=8, thing_id=number, body="Nice"),
        items.PageSnapshot(thing_id=number, taken_at=at(1), outcome="stored"),
        items.ListRead(subject="thing", subject_id="7", name="likes"),
        Tombstone(subject="thing", subject_id="999", reason="gone"),
    ]


def filled(connection: Connection) -> dict[str, int]:
    """Number of rows of each table that has any."""
    found = {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in metadata.tables.items()
    }
    return {name: number for name, number in found.items() if number}
