"""Read what things are filed under, and what creators' profiles state."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, case, select

from tvspiders.storage.queries.network import Batches, batches, before
from tvspiders.storage.tables import categories, creators, thing_categories, thing_tags


def tags(connection: Connection) -> Batches:
    """Tag and number of the thing, tag by tag."""
    return batches(connection, select(thing_tags.c.tag, thing_tags.c.thing_id).order_by(thing_tags.c.tag))


def filed(connection: Connection) -> Batches:
    """Category and number of the thing, category by category."""
    table = thing_categories
    return batches(
        connection, select(table.c.category_slug, table.c.thing_id).order_by(table.c.category_slug)
    )


def category_names(
    connection: Connection, until: str | None = None
) -> dict[str, tuple[str | None, str | None, int | None]]:
    """Name, category above and number of things stated before ``until``, by slug."""
    table = categories
    count = _stated(connection, table, "thing_count", until)
    found = connection.execute(select(table.c.slug, table.c.name, table.c.parent_slug, count))
    return {slug: (name, above, count) for slug, name, above, count in found}


def stored_slugs(connection: Connection) -> frozenset[str]:
    """Slugs of the stored categories."""
    return frozenset(connection.execute(select(categories.c.slug)).scalars())


def creator_names(connection: Connection) -> Batches:
    """Number and login name of the creators that have both."""
    table = creators
    return batches(
        connection,
        select(table.c.id, table.c.username).where(table.c.id.is_not(None), table.c.username.is_not(None)),
    )


def _stated(connection: Connection, table: Table, name: str, until: str | None) -> ColumnElement[Any]:
    """A count without history: NULL when the row may have been read again since ``until``."""
    column = table.c[name]
    if until is None:
        return column
    return case((before(connection, table.c.last_scraped, until), column), else_=None).label(name)


PROFILE = (
    "id",
    "username",
    "name",
    "thing_count",
    "make_count",
    "like_count",
    "follower_count",
    "following_count",
    "collection_count",
    "registered",
    "skill_level",
    "country",
    "location",
    "url",
    "profile_scraped",
)
"""What a creator's row states."""


def profiles(
    connection: Connection, ids: list[int], names: list[str], until: str | None = None
) -> list[RowMapping]:
    """What is stated about some creators, found by number or by name; counts as stated before ``until``."""
    wanted = [
        _stated(connection, creators, name, until) if name.endswith("_count") else creators.c[name]
        for name in PROFILE
    ]
    found: dict[Any, RowMapping] = {}
    for column, values in ((creators.c.id, ids), (creators.c.username, names)):
        for start in range(0, len(values), 500):
            query = select(creators.c.key, *wanted).where(column.in_(values[start : start + 500]))
            found |= {row["key"]: row for row in connection.execute(query).mappings()}
    return list(found.values())
