"""What is stored of each thing that ``refresh`` may request again, in one query."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Text, cast, exists, func, select

from tvspiders.storage.tables import download_snapshots, things, tombstones


class ThingHistory(NamedTuple):
    """A thing with the ends of its history; moments in seconds since 1970."""

    id: int
    asked: float | None
    """When its own page was last received."""
    first_seen: float | None
    added: float | None
    downloads: int | None
    since: float | None
    """Moment of its first snapshot with downloads in the window."""
    downloads_then: int | None
    moved: bool
    """Whether a list has shown other counts or names since its own page was requested."""


def known_things(connection: Connection, window: float) -> Iterator[ThingHistory]:
    """All things that are not gone; history counts from ``window`` (seconds since 1970) on.

    Rows come as they are read: memory does not grow with their number.
    """
    shot, thing, stone = download_snapshots.c, things.c, tombstones.c
    start = datetime.fromtimestamp(max(window, 0.0), UTC).isoformat(timespec="milliseconds")
    counted = shot.download_count.is_not(None) & (shot.recorded_at >= start)
    history = (
        select(
            shot.thing_id,
            func.min(shot.recorded_at).filter(counted).label("since"),
            func.min(shot.download_count).filter(counted).label("downloads_then"),
        )
        .group_by(shot.thing_id)
        .subquery()
    )
    gone = exists().where(
        stone.subject == "thing", stone.subject_id == cast(thing.id, Text), stone.reappeared_at.is_(None)
    )
    query = (
        select(
            thing.id,
            thing.detail_scraped,
            thing.first_seen,
            thing.added,
            thing.download_count,
            history.c.since,
            history.c.downloads_then,
            thing.changed_in_list_at,
        )
        .outerjoin_from(things, history, history.c.thing_id == thing.id)
        .where(thing.last_scraped.is_not(None), ~gone)
    )
    # on the statement: on the connection the option would stay, and the caller writes afterwards
    with connection.execute(query.execution_options(yield_per=1000)) as found:
        for number, asked, seen, added, downloads, since, then, changed_in_list_at in found:
            moved = changed_in_list_at is not None and (asked is None or changed_in_list_at > asked)
            yield ThingHistory(
                number,
                _seconds(asked),
                _seconds(seen),
                _seconds(added),
                downloads,
                _seconds(since),
                then,
                moved,
            )


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()
