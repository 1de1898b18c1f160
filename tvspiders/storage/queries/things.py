"""Read things: the columns that measures need, and the cards of a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, literal, or_, select

from tvspiders.storage.database.reading import Batches, batches, before, known_by, whole_numbers
from tvspiders.storage.tables import creators, thing_tags, things

CUSTOMIZED_TAGS = ("customized", "Customized")
"""Tag that the site's Customizer puts on what it makes, in its two spellings."""
CUSTOMIZED_NAME = "my customized %"
"""How the Customizer names what it makes, in lower case."""
AT_ONCE = 500
"""Numbers in one IN list."""


def columns(connection: Connection, until: str | None = None) -> Batches:
    """One row for each thing known before ``until``, in order of their numbers.

    Number, creator's number, creator's name, licence, when it was published,
    whether the site calls it a remix, whether its own page was read, whether
    the Customizer made it, when it was first seen, when its own page was last
    read, whether any answer was about it (else others only name it), and its
    counts: downloads, likes, makes, remixes, collections.
    """
    table = things
    tagged = exists().where(thing_tags.c.thing_id == table.c.id, thing_tags.c.tag.in_(CUSTOMIZED_TAGS))
    customized = case((or_(tagged, func.lower(table.c.name).like(CUSTOMIZED_NAME)), 1), else_=0)
    moment = func.coalesce(table.c.first_seen, table.c.last_scraped)
    query = (
        select(
            table.c.id,
            func.coalesce(table.c.creator_id, creators.c.id),
            table.c.creator,
            table.c.license,
            table.c.added,
            case((table.c.is_derivative, 1), else_=0),
            case((before(connection, table.c.detail_scraped, until), 1), else_=0),
            customized,
            moment,
            table.c.detail_scraped,
            case((func.coalesce(moment, table.c.detail_scraped).is_not(None), 1), else_=0),
            table.c.download_count,
            table.c.like_count,
            table.c.make_count,
            table.c.remix_count,
            table.c.collect_count,
        )
        .select_from(table)
        .outerjoin(creators, and_(table.c.creator_id.is_(None), creators.c.username == table.c.creator))
        .where(known_by(connection, moment, until))
        .order_by(table.c.id)
    )
    return batches(connection, query)


def numbers(connection: Connection) -> Batches:
    """The numbers of all things, in order."""
    return whole_numbers(connection, select(things.c.id).order_by(things.c.id))


CARD = (
    *("id", "name", "creator", "creator_id", "license", "added", "url", "thumbnail", "is_nsfw"),
    *("download_count", "like_count", "make_count", "remix_count"),
)
"""What a card shows besides measures; the counts are those of today."""


def cards(connection: Connection, ids: Sequence[int] | None = None) -> Iterator[Sequence[Any]]:
    """Rows of ``CARD`` for some things, or for all in order of their numbers."""
    query = select(*(things.c[name] for name in CARD)).order_by(things.c.id)
    if ids is None:
        for part in batches(connection, query):
            yield from part
        return
    wanted = sorted(ids)
    for start in range(0, len(wanted), AT_ONCE):
        yield from connection.execute(query.where(things.c.id.in_(wanted[start : start + AT_ONCE])))


def holds(connection: Connection, thing_id: int) -> bool:
    """Whether a thing is stored."""
    return connection.execute(select(literal(1)).where(things.c.id == thing_id)).first() is not None
