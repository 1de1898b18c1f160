"""How far each feed file is, and the answers that it does not have yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.database.upserts import changed, insert_for
from tvspiders.storage.queue.crawls import COMPLETE
from tvspiders.storage.tables import answers, crawl_items, crawls, feed_items, feeds, requests
from tvspiders.storage.units import OLDER


@dataclass(frozen=True)
class FeedPosition:
    """A feed file holds every answer up to ``answer_id`` in its first ``offset`` bytes."""

    id: int
    base: int
    """Bytes that were in the file before this crawl."""
    offset: int
    answer_id: int
    tail: bytes | None = None
    """Digest of the last bytes before ``offset``: a file of that size may hold something else.

    ``None`` where it was not taken."""

    @property
    def displaced(self) -> bool:
        """Whether another crawl has written after it, so that this one cannot continue."""
        return self.offset == DISPLACED


@dataclass(frozen=True)
class FeedItems:
    """Items of one feed at the end of the crawl's last run."""

    address: str
    due: int
    """Items of the crawl that passed the feed's filter."""
    held: int
    """Items in files that are stored."""


DISPLACED = -1
"""Instead of an offset: another crawl has the end of the file."""


@dataclass(frozen=True)
class StoredAnswer:
    """An answer with what is needed to parse it again."""

    id: int
    request_id: int
    path: str
    callback: str
    kwargs: str | None
    depth: int
    status: int
    received_at: str
    headers: str | None
    body: bytes
    refused: str | None = None
    """Why it could not be parsed; ``None`` for a good one."""


def began_at(connection: Connection, crawl_id: int) -> datetime:
    """When the crawl began, in its first run."""
    began = connection.execute(select(crawls.c.started_at).where(crawls.c.id == crawl_id)).scalar_one()
    return datetime.fromisoformat(began)


def find_feed(connection: Connection, crawl_id: int, uri: str) -> FeedPosition | None:
    """The position of a feed that an earlier run of this crawl has written."""
    row = connection.execute(
        select(feeds.c.id, feeds.c.base, feeds.c.offset, feeds.c.answer_id, feeds.c.tail).where(
            feeds.c.crawl_id == crawl_id, feeds.c.uri == uri
        )
    ).one_or_none()
    return FeedPosition(*row) if row is not None else None


def begin_feed(
    connection: Connection, crawl_id: int, uri: str, base: int, answer_id: int = 0
) -> FeedPosition:
    """Store that a feed of this crawl begins after ``base`` bytes, or continues there after an answer."""
    where = {"base": base, "offset": base, "answer_id": answer_id, "tail": None}
    statement = insert_for(connection, feeds).values({"crawl_id": crawl_id, "uri": uri, **where})
    statement = statement.on_conflict_do_update(index_elements=["crawl_id", "uri"], set_=where)
    connection.execute(statement)
    found = find_feed(connection, crawl_id, uri)
    if found is None:
        raise LookupError(uri)
    return found


def unfinished_end(connection: Connection, crawl_id: int, uri: str) -> int | None:
    """Up to where another crawl's part at the end of this file is whole; ``None`` if that one is complete.

    What it wrote after that place it will write again when it resumes.
    """
    query = (
        select(feeds.c.offset, crawls.c.verdict)
        .join(crawls, crawls.c.id == feeds.c.crawl_id)
        .where(feeds.c.uri == uri, feeds.c.crawl_id != crawl_id, feeds.c.offset != DISPLACED)
        .order_by(feeds.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None or row.verdict == COMPLETE else int(row.offset)


def take_over(connection: Connection, crawl_id: int, uri: str, overwrite: bool) -> None:
    """Give this crawl the end of a file, or all of it: no other may continue at its old place."""
    others = (feeds.c.uri == uri, feeds.c.crawl_id != crawl_id)
    if overwrite:
        connection.execute(delete(feeds).where(*others))
    else:
        connection.execute(update(feeds).where(*others).values(offset=DISPLACED))


def record_feed(
    connection: Connection, feed_id: int, offset: int, answer_id: int, tail: bytes | None = None
) -> None:
    """Store how far a feed is."""
    place = {"offset": offset, "answer_id": answer_id, "tail": tail}
    changed(1, connection.execute(update(feeds).where(feeds.c.id == feed_id).values(place)))


def note_items(connection: Connection, crawl_id: int, counts: Mapping[str, tuple[int, int]]) -> None:
    """Store for each feed, by its address, how many items it was due and how many it holds."""
    for address, (due, held) in counts.items():
        where = {"due": due, "held": held}
        statement = insert_for(connection, feed_items).values(crawl_id=crawl_id, address=address, **where)
        statement = statement.on_conflict_do_update(index_elements=["crawl_id", "address"], set_=where)
        connection.execute(statement)


def items_of(connection: Connection, crawl_id: int) -> list[FeedItems]:
    """The item counts of each feed of a crawl."""
    query = select(feed_items.c.address, feed_items.c.due, feed_items.c.held)
    rows = connection.execute(query.where(feed_items.c.crawl_id == crawl_id).order_by(feed_items.c.address))
    return [FeedItems(*row) for row in rows.all()]


def newest_answer(connection: Connection, crawl_id: int) -> int:
    """Number of the crawl's newest answer, 0 without one."""
    return int(
        connection.execute(select(func.max(answers.c.id)).where(answers.c.crawl_id == crawl_id)).scalar() or 0
    )


def newest_receipt(connection: Connection, crawl_id: int) -> str | None:
    """When the crawl's newest answer was received; reads only the last ones."""
    last = (
        select(answers.c.received_at)
        .where(answers.c.crawl_id == crawl_id)
        .order_by(answers.c.id.desc())
        .limit(1000)
        .subquery()
    )
    return connection.execute(select(func.max(last.c.received_at))).scalar()


def answers_after(
    connection: Connection,
    crawl_id: int,
    after: int,
    limit: int,
    feed_id: int | None = None,
    refused_too: bool = False,
) -> list[StoredAnswer]:
    """Answers that could be parsed, in the order of their commits; of one feed where it is given.

    ``refused_too`` adds the others, but none that were older than what was stored.
    """
    query = (
        select(
            answers.c.id,
            answers.c.request_id,
            requests.c.path,
            requests.c.callback,
            requests.c.kwargs,
            requests.c.depth,
            answers.c.status,
            answers.c.received_at,
            answers.c.headers,
            answers.c.codec,
            answers.c.body,
            answers.c.refused,
        )
        .join(requests, requests.c.id == answers.c.request_id)
        .where(answers.c.crawl_id == crawl_id, answers.c.id > after)
        .where(answers.c.body.is_not(None))
        .order_by(answers.c.id)
        .limit(limit)
    )
    refused = answers.c.refused
    query = query.where(refused.is_distinct_from(OLDER) if refused_too else refused.is_(None))
    if feed_id is not None:
        query = query.where(answers.c.feed_id == feed_id)
    return [
        StoredAnswer(
            row.id,
            row.request_id,
            row.path,
            row.callback,
            row.kwargs,
            row.depth,
            row.status,
            row.received_at,
            row.headers,
            unpack(row.codec, row.body),
            row.refused,
        )
        for row in connection.execute(query).all()
    ]


def fresh_in(connection: Connection, crawl_id: int, answer_ids: Sequence[int]) -> set[tuple[int, str, str]]:
    """The crawl's items of these answers: id of the answer, kind and key of each."""
    if not answer_ids:
        return set()
    found = connection.execute(
        select(crawl_items.c.answer_id, crawl_items.c.kind, crawl_items.c.key).where(
            crawl_items.c.crawl_id == crawl_id, crawl_items.c.answer_id.in_(answer_ids)
        )
    )
    return {(row.answer_id, row.kind, row.key) for row in found.all()}
