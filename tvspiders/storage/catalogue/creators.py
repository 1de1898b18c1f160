"""Creators: one row for each person, found by number, then by name; a rename keeps the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, or_, select, update

from tvspiders.storage.database.upserts import changed, insert_for, upsert
from tvspiders.storage.tables import creator_names, creators

Row = dict[str, Any]


@dataclass(eq=False)
class _Person:
    """A person as stored now, and as stored after this batch."""

    key: int | None = None
    id: int | None = None
    username: str | None = None
    seen: str = ""
    """Time of the newest answer."""
    known_id: int | None = None
    known_name: str | None = None
    rows: list[Row] = field(default_factory=list)


class _People:
    """The people that a batch may change; answers are added in the order of their receipt."""

    def __init__(self, known: Sequence[_Person]) -> None:
        self.all = list(known)
        self.absorbed: list[tuple[_Person, _Person]] = []
        self.history: list[Row] = []
        self._by_id = {person.id: person for person in known if person.id is not None}
        self._by_name = {person.username: person for person in known if person.username is not None}

    def add_answer(self, row: Row) -> None:
        """Add an answer to its person; the name goes to the one who had it last."""
        name, seen = row["username"], row["last_scraped"] or ""
        person = self._find(row["id"], name)
        person.rows.append(row)
        if person.username != name:
            if person.id is not None and person.seen:
                if person.username is not None:
                    self._remember(person.id, person.username, person.seen)
                self._remember(person.id, name, seen)
            if seen >= person.seen:
                self._rename(person, name, seen)
        person.seen = max(person.seen, seen)

    def add_told(self, row: Row) -> None:
        """Take in what a row of a list tells of somebody: of those who are known it fills only gaps.

        Where it contradicts what is known of number and name, as a lagging index does, nothing is taken.
        """
        number, name = row["id"], row["username"]
        numbered, named = self._by_id.get(number), self._by_name.get(name)
        if numbered is None and named is None:
            self.add_answer(row)
            return
        learned = numbered is None and named is not None and None in (number, named.id)
        if learned or numbered is named:
            self.add_answer(row | {"last_scraped": None, "first_seen": None})

    def _find(self, number: int | None, name: str) -> _Person:
        holder = self._by_name.get(name)
        if number is None:
            return holder or self._add(_Person())
        person = self._by_id.get(number)
        if person is None:
            person = holder if holder is not None and holder.id is None else self._add(_Person())
            person.id = number
            self._by_id[number] = person
        return person

    def _add(self, person: _Person) -> _Person:
        self.all.append(person)
        return person

    def _rename(self, person: _Person, name: str, seen: str) -> None:
        """A former holder keeps row and number, and has no name until the next answer."""
        holder = self._by_name.get(name)
        if person.username is not None:
            del self._by_name[person.username]
            person.username = None
        if holder is not None:
            if holder.id is None:
                self._absorb(holder, person)
            elif holder.seen > seen:
                return
            else:
                self._remember(holder.id, name, holder.seen)
            holder.username = None
        person.username = name
        self._by_name[name] = person

    def _absorb(self, name_only: _Person, person: _Person) -> None:
        """Merge a person known by name only into the one with a number."""
        person.rows += name_only.rows
        self.all.remove(name_only)
        if name_only.key is not None:
            self.absorbed.append((name_only, person))

    def _remember(self, number: int, name: str, seen: str) -> None:
        self.history.append({"creator_id": number, "username": name, "first_seen": seen})


def write_creators(connection: Connection, rows: Sequence[Row], told: Sequence[Row] = ()) -> None:
    """Write summaries and profiles; each row has ``username`` and, mostly, ``id``.

    ``told`` are the summaries in rows that are no items: of somebody who is known they fill only gaps.
    """
    people = _People(_known(connection, [*rows, *told]))
    for row in sorted(rows, key=lambda row: row["last_scraped"] or ""):
        people.add_answer(row)
    for row in sorted(told, key=lambda row: row["last_scraped"] or "", reverse=True):
        people.add_told(row)
    for name_only, person in people.absorbed:
        known = connection.execute(select(creators).where(creators.c.key == name_only.key)).mappings().one()
        person.rows.append({name: value for name, value in known.items() if name != "key"})
        changed(1, connection.execute(delete(creators).where(creators.c.key == name_only.key)))
    stored = [person for person in people.all if person.key is not None]
    for person in stored:
        if person.known_name != person.username and person.known_name is not None:
            _set(connection, person, username=None)
    for person in stored:
        if person.known_id != person.id:
            _set(connection, person, id=person.id)
    final = [
        row | {"id": person.id, "username": person.username} for person in people.all for row in person.rows
    ]
    upsert(connection, creators, [row for row in final if row["id"] is not None], key=["id"])
    upsert(connection, creators, [row for row in final if row["id"] is None], key=["username"])
    if people.history:
        connection.execute(insert_for(connection, creator_names).on_conflict_do_nothing(), people.history)


def _set(connection: Connection, person: _Person, **values: Any) -> None:
    changed(1, connection.execute(update(creators).where(creators.c.key == person.key).values(**values)))


@cache
def _people(dialect: str) -> Select[*tuple[Any, ...]]:
    who = creators.c
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    names: BindParameter[str] = bindparam("names", expanding=True)
    query = select(who.key, who.id, who.username, who.last_scraped)
    query = query.where(or_(who.id.in_(ids), who.username.in_(names))).order_by(who.key)
    return query.with_for_update() if dialect == "postgresql" else query


def _known(connection: Connection, rows: Sequence[Row]) -> list[_Person]:
    ids = {row["id"] for row in rows if row["id"] is not None}
    names = {row["username"] for row in rows}
    query = _people(connection.dialect.name)
    return [
        _Person(row.key, row.id, row.username, row.last_scraped or "", row.id, row.username)
        for row in connection.execute(query, {"ids": list(ids), "names": list(names)})
    ]
