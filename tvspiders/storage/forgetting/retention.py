"""Remove personal data that no answer has confirmed for a number of days."""

from __future__ import annotations

import json
import secrets

from sqlalchemy import Connection, Select, and_, exists, or_, select, update

from tvspiders.storage import tables
from tvspiders.storage.forgetting.forget import forget_things
from tvspiders.storage.forgetting.scope import Forgetting, Person
from tvspiders.storage.forgetting.texts import NOBODY
from tvspiders.storage.people.forgotten import Forgotten
from tvspiders.storage.person_marks import WRITTEN, marked, roles
from tvspiders.storage.queue.crawls import rounds_over_before

KEPT = frozenset({"things", "likes_sent"})
"""Tables with users whose rows stay: things lose the person; likes sent are the account's own record."""
_KINDS = ("creator", "like", "follow", "make", "comment", "collection")
"""Kinds of items whose keys contain a user, or the number of something of theirs."""


def expire_people(connection: Connection, before: str) -> int:
    """Remove what no answer has confirmed since a moment; returns how many rows were deleted or changed.

    Of things the creator and the texts go, as ``scrapy forget`` does it; of orders what buyers wrote.
    Of rounds that were over by then, answers, and the addresses and arguments that name a user. No
    text is searched for names.
    """
    work = Forgetting(connection, Person(), Forgotten(""), "keep")
    for table in tables.metadata.sorted_tables:
        if any(roles(table)) and table.name not in KEPT:
            seen = table.c["last_scraped" if "last_scraped" in table.c else "first_seen"]
            work.delete(table, seen < before)
    thing = tables.things.c
    theirs = marked(tables.things, "number", "name", "text", "mentions")
    has_any = or_(*(thing[name].is_not(None) for name in theirs))
    edge = tables.remix_edges.c
    named = exists().where(
        or_(edge.parent_id == thing.id, edge.child_id == thing.id), edge.last_scraped >= before
    )
    # what only others name has no time of its own: the time of that row counts, or else that of the edge
    unnamed = and_(thing.told_at.is_(None), ~named)
    old = or_(
        thing.last_scraped < before, and_(thing.last_scraped.is_(None), or_(thing.told_at < before, unnamed))
    )
    work.things = work.ids(tables.things, and_(old, has_any))
    forget_things(work)
    for table in (tables.lists, tables.tombstones):
        work.delete(table, and_(table.c.subject == "user", table.c.last_scraped < before))
    events, order = tables.order_events, tables.orders
    work.delete(events, events.c.last_received < before)
    buyers = marked(order, *WRITTEN)
    has_any = or_(*(order.c[name].is_not(None) for name in buyers))
    work.blank(order, and_(order.c.last_received < before, has_any), buyers)
    _expire_rounds(work, rounds_over_before(before))
    return work.deleted.total() + work.blanked.total()


def _expire_rounds(work: Forgetting, rounds: Select[int]) -> None:
    answer, item, request = tables.answers, tables.crawl_items.c, tables.requests.c
    held = or_(*(answer.c[name].is_not(None) for name in marked(answer, "mentions")))
    work.blank(answer, and_(answer.c.crawl_id.in_(rounds), held), marked(answer, "mentions"))
    work.delete(tables.crawl_items, and_(item.crawl_id.in_(rounds), item.kind.in_(_KINDS)))
    users = and_(request.path.like("/users/%"), request.path != f"/users/{NOBODY}")
    for number in work.ids(tables.requests, and_(request.crawl_id.in_(rounds), users)):
        values = {"path": f"/users/{NOBODY}", "kwargs": None, "fingerprint": secrets.token_bytes(16)}
        work.connection.execute(update(tables.requests).where(request.id == number).values(values))
        work.blanked["requests"] += 1
    crawl = tables.crawls.c
    query = select(crawl.id, crawl.arguments).where(crawl.id.in_(rounds))
    for row in work.connection.execute(query).all():
        arguments = json.loads(row.arguments)
        if arguments.get("username") not in (None, [NOBODY]):
            values = {"arguments": json.dumps(arguments | {"username": [NOBODY]}, sort_keys=True)}
            work.connection.execute(update(tables.crawls).where(crawl.id == row.id).values(values))
            work.blanked["crawls"] += 1
