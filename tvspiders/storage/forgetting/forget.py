"""Forget a person: delete or blank, in every table, what the marks of the columns say is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, or_, select

from tvspiders.errors import StorageProblem
from tvspiders.storage import tables
from tvspiders.storage.forgetting.scope import Forgetting, Person, chunks, find_person, is_of
from tvspiders.storage.forgetting.texts import clean_texts, forget_in_ledger
from tvspiders.storage.people.forgotten import Forgotten, ThingsOf
from tvspiders.storage.person_marks import WRITTEN, marked, roles

NOT_OF_THINGS = frozenset({"orders", "likes_sent"})
"""Tables with the number of a thing whose rows are not the thing's."""


def forget(connection: Connection, who: str, things: ThingsOf, now: datetime | None = None) -> Forgetting:
    """Remove a person, given by login name or number, from every table, in the caller's transaction.

    Raises ``UsageProblem`` for a name that several had, and ``StorageProblem`` for one who is not stored.
    """
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    people = Forgotten.load_or_begin(connection)
    person = find_person(connection, who)
    if person is None:
        if not people.names(who.removeprefix("@")):
            raise StorageProblem(
                f"no user {who!r} is in this database, and nothing was changed; "
                "give the login name as the site spells it, or the number"
            )
        return Forgetting(connection, Person(), people, things, again=True)
    people.remember(connection, person.numbers, person.names, person.words, things, moment)
    work = Forgetting(connection, person, people, things)
    _forget_rows(work, moment)
    forget_in_ledger(work)
    clean_texts(work)
    places = set(connection.execute(select(tables.feeds.c.uri)).scalars())
    others = connection.execute(select(tables.feed_items.c.address)).scalars()
    work.feeds = sorted(places | {name for name in others if not any(uri.endswith(name) for uri in places)})
    return work


def _forget_rows(work: Forgetting, now: str) -> None:
    """Delete the person's rows; those by which they are found go last."""
    work.things = work.ids(tables.things, _theirs(work, tables.things))
    work.collections = work.ids(tables.collections, _theirs(work, tables.collections))
    work.people.remember_things(work.connection, dict.fromkeys(work.things, work.policy), now)
    forget_things(work)
    for ids in chunks(work.collections):
        work.delete(tables.collection_members, tables.collection_members.c.collection_id.in_(ids))
    for table, kind in ((tables.makes, "make"), (tables.comments, "comment")):
        work.keys |= {(kind, str(number)) for number in work.ids(table, _theirs(work, table))}
    for table in tables.metadata.sorted_tables:
        if table is not tables.things and any(roles(table)):
            work.delete(table, _theirs(work, table))
    for table in (tables.lists, tables.tombstones):
        mine = and_(table.c.subject == "user", func.lower(table.c.subject_id).in_(work.spellings))
        work.delete(table, mine)
    subjects = {"collection": work.collections, "thing": work.things if work.policy == "delete" else []}
    for subject, numbers in subjects.items():
        for ids in chunks([str(number) for number in numbers]):
            where = and_(tables.lists.c.subject == subject, tables.lists.c.subject_id.in_(ids))
            work.delete(tables.lists, where)


def _theirs(work: Forgetting, table: Table) -> ColumnElement[bool]:
    person = work.person
    where = [is_of(table.c[r.number], table.c[r.name], person.numbers, person.names) for r in roles(table)]
    return or_(*where)


def forget_things(work: Forgetting) -> None:
    """Keep numbers, times, licence and edges of kept things; remove all texts."""
    words = sorted(set(_their_tags(work)))
    delete, things, edges = work.policy == "delete", tables.things, tables.remix_edges
    for table in _tables_of_things():
        # rows with another user are what others wrote and did
        if delete or (marked(table, "text") and not any(roles(table))):
            for ids in chunks(work.things):
                work.delete(table, table.c.thing_id.in_(ids))
    names = marked(things, "number", "name", *WRITTEN, "mentions")
    for ids in chunks(work.things):
        if not delete:
            work.blank(things, things.c.id.in_(ids), names)
            continue
        work.delete(things, things.c.id.in_(ids))
        for other in chunks(work.things):
            work.delete(edges, and_(edges.c.parent_id.in_(ids), edges.c.child_id.in_(other)))
    unused = ~exists().where(tables.thing_tags.c.tag == tables.tags.c.name)
    for part in chunks(words):
        work.delete(tables.tags, and_(tables.tags.c.name.in_(part), unused))


def _tables_of_things() -> Iterator[Table]:
    for table in tables.metadata.sorted_tables:
        if "thing_id" in table.c and table.name not in NOT_OF_THINGS:
            yield table


def _their_tags(work: Forgetting) -> Iterator[str]:
    table = tables.thing_tags
    for ids in chunks(work.things):
        query = select(table.c.tag).distinct().where(table.c.thing_id.in_(ids))
        yield from work.connection.execute(query).scalars()
