"""What analysis reads of the stored network: things, edges, tombstones and snapshots, as of a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    cast,
    collate,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from tvspiders.errors import StorageProblem
from tvspiders.storage.tables import (
    Big,
    creators,
    download_snapshots,
    remix_edges,
    thing_tags,
    things,
    tombstones,
)

BATCH_ROWS = 20_000
"""Rows taken from a cursor at a time."""
CUSTOMIZED_TAGS = ("customized", "Customized")
"""Tag that the site's Customizer puts on what it makes, in its two spellings."""
CUSTOMIZED_NAME = "my customized %"
"""How the Customizer names what it makes, in lower case."""
MAX_IN_LIST = 500
"""Numbers in one IN list."""
CARD = (
    *("id", "name", "creator", "creator_id", "license", "added", "url", "thumbnail", "is_nsfw"),
    *("download_count", "like_count", "make_count", "remix_count"),
)
"""What a card shows besides measures; the counts are those of today."""
SEEN_FROM_CHILD, SEEN_FROM_PARENT = 1, 2
"""Bits of an edge's third column: which end has named it."""
COUNTS = ("download_count", "like_count", "make_count", "remix_count", "collect_count")
"""The counts of a snapshot that measures use, in the order of the columns."""

Batches = Iterator[Sequence[Any]]


def require_things(connection: Connection) -> None:
    """Raises ``StorageProblem`` for a database without any thing, of which there is nothing to report."""
    if (
        connection.execute(select(things.c.id).where(things.c.last_scraped.is_not(None)).limit(1)).first()
        is None
    ):
        raise StorageProblem(
            "the database holds no things yet; fill it first, "
            "for example with: scrapy crawl things -a query=planters"
        )


def thing_columns(connection: Connection, until: str | None = None) -> Batches:
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


def thing_numbers(connection: Connection) -> Batches:
    """The numbers of all things, in order."""
    return whole_numbers(connection, select(things.c.id).order_by(things.c.id))


def cards(connection: Connection, ids: Sequence[int] | None = None) -> Iterator[Sequence[Any]]:
    """Rows of ``CARD`` for some things, or for all in order of their numbers."""
    query = select(*(things.c[name] for name in CARD)).order_by(things.c.id)
    if ids is None:
        for part in batches(connection, query):
            yield from part
        return
    wanted = sorted(ids)
    for start in range(0, len(wanted), MAX_IN_LIST):
        yield from connection.execute(query.where(things.c.id.in_(wanted[start : start + MAX_IN_LIST])))


def is_stored(connection: Connection, thing_id: int) -> bool:
    """Whether a thing is stored."""
    return connection.execute(select(literal(1)).where(things.c.id == thing_id)).first() is not None


def edges(connection: Connection, until: str | None = None) -> Batches:
    """Parent, child and which ends named the edge, for all edges known before ``until``."""
    table = remix_edges
    ends = case((before(connection, table.c.seen_from_child, until), SEEN_FROM_CHILD), else_=0) + case(
        (before(connection, table.c.seen_from_parent, until), SEEN_FROM_PARENT), else_=0
    )
    moment = func.coalesce(table.c.first_seen, table.c.last_scraped)
    query = select(table.c.parent_id, table.c.child_id, ends).where(known_by(connection, moment, until))
    return whole_numbers(connection, query)


def missing_things(connection: Connection, until: str | None = None) -> Batches:
    """Numbers of the things whose own page says that they are gone or hidden, with 1 for hidden."""
    table = tombstones
    hidden = case((table.c.reason == "hidden", 1), else_=0)
    query = select(cast(table.c.subject_id, Big), hidden).where(
        table.c.subject == "thing", known_by(connection, table.c.first_seen, until)
    )
    back = table.c.reappeared_at
    query = query.where(back.is_(None) if until is None else ~before(connection, back, until))
    return whole_numbers(connection, query)


def snapshots(connection: Connection, until: str | None = None) -> Batches:
    """Thing, time and ``COUNTS`` of each snapshot before ``until``, thing by thing, oldest first."""
    table = download_snapshots
    query = (
        select(table.c.thing_id, table.c.recorded_at, *(table.c[name] for name in COUNTS))
        .where(before(connection, table.c.recorded_at, until))
        .order_by(table.c.thing_id, table.c.recorded_at, table.c.id)
    )
    return batches(connection, query)


def batches(connection: Connection, query: Select[Any]) -> Batches:
    """The rows of a query, some thousand at a time, without holding them all."""
    yield from connection.execute(query, execution_options={"yield_per": BATCH_ROWS}).partitions()


def whole_numbers(connection: Connection, query: Select[Any]) -> Batches:
    """The same for columns of whole numbers.

    SQLite's own cursor streams and gives plain tuples, which makes this twice
    as fast there; elsewhere a stream has rows in its buffer already.
    """
    if connection.dialect.name != "sqlite":
        yield from batches(connection, query)
        return
    with connection.execute(query) as result:
        cursor: Any = result.cursor
        while part := cursor.fetchmany(BATCH_ROWS):
            yield part


def known_by(connection: Connection, moment: ColumnElement[Any], until: str | None) -> ColumnElement[bool]:
    """Whether a row was known before ``until`` (exclusive); a row without a time always was."""
    if until is None:
        return true()
    return or_(moment.is_(None), before(connection, moment, until))


def before(connection: Connection, moment: ColumnElement[Any], until: str | None) -> ColumnElement[bool]:
    """Whether a time is set and lies before ``until``; byte order, whatever the database's collation."""
    if until is None:
        return moment.is_not(None)
    if connection.dialect.name == "postgresql":
        moment = collate(moment, "C")
    return and_(moment.is_not(None), moment < until)
