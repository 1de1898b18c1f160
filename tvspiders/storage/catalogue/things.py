"""Things with their snapshots: counts over time, one row whenever a count has changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, select, update

from tvspiders.storage.catalogue.row_ages import COUNTS, NAMES, differs
from tvspiders.storage.database.upserts import insert_for, merge_rows, upsert
from tvspiders.storage.tables import (
    categories,
    download_snapshots,
    thing_categories,
    thing_tags,
    things,
)

WATCHED = ("download_count", "like_count", "make_count")
"""A change of one of these makes a snapshot."""
CARRIED = (*WATCHED, "remix_count", "collect_count", "comment_count", "view_count")
"""What a snapshot holds."""
COMPARED = tuple(dict.fromkeys((*WATCHED, *COUNTS, *NAMES)))
"""What an answer is compared by with what was known before."""

_NOT_FILLED = {
    *(*COMPARED, *CARRIED, "file_count", "tags", "categories", "raw_json", "id"),
    *("last_scraped", "first_seen", "detail_scraped", "changed_in_list_at", "told_at"),
}
FILLED = tuple(column.name for column in things.c if column.name not in _NOT_FILLED)
"""Columns that what is told still fills once a thing was answered: what answers are compared by must have
come from answers, and tags and categories have tables of their own."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """What a write of things brought."""

    new: frozenset[int] = frozenset()
    """Numbers of things that were not stored before."""
    snapshots: frozenset[tuple[int, str]] = frozenset()
    """Number of thing and moment of each snapshot."""


def write_things(
    connection: Connection, rows: Sequence[Row], crawl_id: int | None = None, told: Sequence[Row] = ()
) -> Written:
    """Write things, and a snapshot for each whose counts the answer changed.

    A row of a list that differs from what is stored leaves its moment in ``changed_in_list_at``.
    ``told`` is what answers about something else say of things (see :func:`_write_told`).
    """
    before = _lock(connection, sorted({row["id"] for row in (*rows, *told)}))
    changed = _changes(rows, before)
    merged = merge_rows(["id"], rows)
    upsert(connection, things, merged)
    _write_told(connection, told, before.keys() | {row["id"] for row in rows})
    _write_tags(connection, merged, before)
    snapshots = [_snapshot(row, crawl_id) for row in changed]
    if snapshots:
        connection.execute(insert_for(connection, download_snapshots).on_conflict_do_nothing(), snapshots)
    return Written(
        frozenset(row["id"] for row in merged if row["id"] not in before),
        frozenset((row["thing_id"], row["recorded_at"]) for row in snapshots),
    )


_HELD = select(things.c.id, things.c.told_at, *(things.c[name] for name in FILLED)).where(
    things.c.id.in_(bindparam("ids", expanding=True))
)


def _write_told(connection: Connection, told: Sequence[Row], answered: Collection[int]) -> None:
    """Write what a remix says of its parents, or a row of a list of a thing whose own page is asked.

    Things without an answer of their own get what was told last, without a time of theirs: so it makes no
    snapshot, and their first answer is compared with nothing. Of others, and of what was told later than
    this, it only fills what nobody has said.
    """
    newest = merge_rows(["id"], told)
    if not newest:
        return
    found = connection.execute(_HELD, {"ids": [row["id"] for row in newest]}).mappings()
    known = {row["id"]: row for row in found}
    fresh: list[Row] = []
    for row in newest:
        old = known.get(row["id"])
        at = row["last_scraped"]
        if row["id"] not in answered and (old is None or (old["told_at"] or "") <= (at or "")):
            fresh.append(row | {"last_scraped": None, "first_seen": None, "told_at": at})
        elif old is not None:
            gaps = {name: row[name] for name in FILLED if row[name] is not None and old[name] is None}
            if gaps:
                connection.execute(update(things).where(things.c.id == row["id"]).values(gaps))
    upsert(connection, things, fresh)


_NAMES_OF_CATEGORIES = (
    select(thing_categories.c.thing_id, thing_categories.c.category_slug, categories.c.name)
    .outerjoin(categories, categories.c.slug == thing_categories.c.category_slug)
    .where(thing_categories.c.thing_id.in_(bindparam("ids", expanding=True)))
    .order_by(thing_categories.c.thing_id, thing_categories.c.category_slug)
)


def write_category_names(connection: Connection, thing_ids: set[int]) -> None:
    """Refresh ``things.categories`` (names as JSON) from the rows of ``thing_categories``."""
    names: dict[int, list[str]] = {}
    found = connection.execute(_NAMES_OF_CATEGORIES, {"ids": list(thing_ids)})
    for thing_id, slug, name in found:
        names.setdefault(thing_id, []).append(name or slug)
    for thing_id in sorted(names):
        text = json.dumps(names[thing_id], ensure_ascii=False)
        connection.execute(update(things).where(things.c.id == thing_id).values(categories=text))


@cache
def _before(dialect: str) -> Select[*tuple[Any, ...]]:
    wanted = ("id", "last_scraped", "tags", *COMPARED)
    query = select(*(things.c[name] for name in wanted)).where(
        things.c.id.in_(bindparam("ids", expanding=True))
    )
    return query.order_by(things.c.id).with_for_update() if dialect == "postgresql" else query


def _lock(connection: Connection, ids: Sequence[int]) -> dict[int, Row]:
    """Counts, names and tags before the write, by number of thing; locked where the database locks rows."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql and ids:
        # A row that does not exist yet cannot be locked, and two writers would both call it new.
        stubs = [{"id": number} for number in sorted(ids)]
        connection.execute(insert_for(connection, things).on_conflict_do_nothing(), stubs)
    found = connection.execute(_before(connection.dialect.name), {"ids": ids}).mappings()
    return {row["id"]: dict(row) for row in found if row["last_scraped"] is not None}


def _changes(rows: Sequence[Row], before: dict[int, Row]) -> list[Row]:
    """Answers that changed a count, each compared with what was known when it was received.

    Notes in the rows of lists whether they moved.
    """
    now = dict(before)
    changed: list[Row] = []
    for row in sorted(rows, key=lambda row: (row["last_scraped"], row["id"])):
        known = now.get(row["id"])
        if known is not None and known["last_scraped"] > row["last_scraped"]:
            continue
        given = {name: row[name] for name in COMPARED if row[name] is not None}
        if any(known is None or known[name] != given[name] for name in WATCHED if name in given):
            changed.append(row)
        if known is not None and row["detail_scraped"] is None and differs(row, known):
            row["changed_in_list_at"] = row["last_scraped"]
        unknown: Row = dict.fromkeys(COMPARED)
        now[row["id"]] = (known or unknown) | given | {"last_scraped": row["last_scraped"]}
    return changed


def _write_tags(connection: Connection, rows: Sequence[Row], before: dict[int, Row]) -> None:
    """A tag that the newest answer does not name any more is taken off the thing."""
    tagged: list[Row] = []
    for row in rows:
        known = before.get(row["id"], {"tags": None, "last_scraped": ""})
        if row["tags"] is None or (known["tags"] is not None and known["last_scraped"] > row["last_scraped"]):
            continue
        tags = json.loads(row["tags"])
        tagged += [{"thing_id": row["id"], "tag": tag} for tag in tags]
        if known["tags"] not in (None, row["tags"]):
            lost = and_(thing_tags.c.thing_id == row["id"], thing_tags.c.tag.not_in(tags))
            connection.execute(delete(thing_tags).where(lost))
    upsert(connection, thing_tags, tagged)


def _snapshot(row: Row, crawl_id: int | None) -> Row:
    counts = {name: row[name] for name in CARRIED}
    return {"thing_id": row["id"], "recorded_at": row["last_scraped"], "crawl_id": crawl_id} | counts
