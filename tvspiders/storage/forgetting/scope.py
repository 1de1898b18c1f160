"""The person to forget, as found in the database, and the work of one deletion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, or_, select, update

from tvspiders.errors import UsageProblem
from tvspiders.storage import tables
from tvspiders.storage.people.forgotten import Forgotten, ThingsOf
from tvspiders.storage.person_marks import marked, roles
from tvspiders.storage.queue.crawls import MAX_DIGITS

COMMON_WORD_THINGS = 3
"""A name that is in the texts of so many things of others counts as a common word."""
CHUNK = 500
"""Values in one IN list."""


@dataclass(frozen=True)
class Person:
    """A person as stored."""

    numbers: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()
    """Login names, in lower case, without those that another user has now."""
    full_names: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    """Names that are common words here: they stay in texts of others."""

    @property
    def words(self) -> frozenset[str]:
        """Names that are removed from any text."""
        return (self.names | self.full_names) - self.common


def find_person(connection: Connection, who: str) -> Person | None:
    """Number and names of a user, from all rows that have them; ``None`` for one who is not stored.

    Raises ``UsageProblem`` for a login name that several users had and none has now.
    """
    name = who.removeprefix("@").casefold()
    numbers: set[int] = set()
    if name.isascii() and name.isdigit() and len(name) < MAX_DIGITS and int(name):
        numbers = {int(name)} if _names_of(connection, int(name)) is not None else set()
    if not numbers:
        numbers = _bearers(connection, name)
        if not numbers and not _any_row(connection, name):
            return None
    names, full = {name} if not numbers else set(), set()
    for number in numbers:
        names |= {found.casefold() for found in _names_of(connection, number) or ()}
    names = {found for found in names if not _borne_by_another(connection, found, numbers)}
    for table in tables.metadata.sorted_tables:
        full |= _full_names(connection, table, numbers, names)
    person = Person(frozenset(numbers), frozenset(names), frozenset(full))
    common = {word for word in person.names | person.full_names if _is_common(connection, word, person)}
    return replace(person, common=frozenset(common))


def _full_names(
    connection: Connection, table: Table, numbers: Collection[int], names: Collection[str]
) -> set[str]:
    """Full names in a table: whole, and joined from their parts."""
    columns, found = [*marked(table, "full name"), *marked(table, "part of name")], set()
    for role in roles(table) if columns else ():
        where = is_of(table.c[role.number], table.c[role.name], numbers, names)
        for row in connection.execute(select(*(table.c[each] for each in columns)).where(where)).mappings():
            parts = [row[each] for each in marked(table, "part of name") if row[each]]
            found |= {row[each] for each in marked(table, "full name")}
            found |= {" ".join(parts)} if len(parts) > 1 else set()
    return {" ".join(name.split()).casefold() for name in found if name and name.strip()}


def _user_columns() -> Iterator[tuple[Table, ColumnElement[int], ColumnElement[str]]]:
    for table in tables.metadata.sorted_tables:
        for role in roles(table):
            yield table, table.c[role.number], table.c[role.name]


def _names_of(connection: Connection, number: int) -> set[str] | None:
    """All login names of a number; ``None`` for one that no row has."""
    names: set[str] | None = None
    for _, number_column, name_column in _user_columns():
        found = (
            connection.execute(select(name_column).distinct().where(number_column == number)).scalars().all()
        )
        if found:
            names = (names or set()) | {name for name in found if name}
    return names


def _bearers(connection: Connection, name: str) -> set[int]:
    """The number of the user who has a login name now; else of the only one who had it."""
    who = tables.creators.c
    now = connection.execute(select(who.id).where(func.lower(who.username) == name)).scalars().all()
    if any(number is not None for number in now):
        return {number for number in now if number is not None}
    numbers: set[int] = set()
    for _, number_column, name_column in _user_columns():
        found = select(number_column).distinct().where(func.lower(name_column) == name)
        numbers |= {number for number in connection.execute(found).scalars() if number is not None}
    if len(numbers) > 1:
        listed = ", ".join(str(number) for number in sorted(numbers))
        raise UsageProblem(f"the name {name!r} was that of several users; give one of the numbers {listed}")
    return numbers


def _any_row(connection: Connection, name: str) -> bool:
    return any(
        connection.execute(select(exists().where(func.lower(column) == name))).scalar()
        for _, _, column in _user_columns()
    )


def _borne_by_another(connection: Connection, name: str, numbers: set[int]) -> bool:
    who = tables.creators.c
    found = connection.execute(select(who.id).where(func.lower(who.username) == name)).scalars()
    return bool(numbers) and any(number is not None and number not in numbers for number in found)


def _is_common(connection: Connection, word: str, person: Person) -> bool:
    """Whether a name is a common word: it is in the texts of several things of others."""
    table = tables.things
    theirs = is_of(table.c.creator_id, table.c.creator, person.numbers, person.names)
    texts = [func.lower(table.c[name]).contains(word, autoescape=True) for name in ("name", "tags")]
    query = select(func.count()).where(or_(*texts), ~func.coalesce(theirs, False))
    return int(connection.execute(query).scalar_one()) >= COMMON_WORD_THINGS


def is_of(number: Any, name: Any, numbers: Collection[int], names: Collection[str]) -> ColumnElement[bool]:
    """Whether a row is the person's: by number, and by name only where no number is known."""
    return or_(number.in_(list(numbers)), and_(number.is_(None), func.lower(name).in_(list(names))))


@dataclass
class Forgetting:
    """One person being removed from one database in one transaction."""

    connection: Connection
    person: Person
    people: Forgotten
    policy: ThingsOf
    again: bool = False
    """Whether the person was forgotten before, and nothing of them is stored."""
    deleted: Counter[str] = field(default_factory=Counter)
    """Rows by table."""
    blanked: Counter[str] = field(default_factory=Counter)
    """Rows of which a part was removed, by table."""
    things: Sequence[int] = ()
    """Numbers of their things."""
    collections: Sequence[int] = ()
    """Numbers of their collections."""
    keys: set[tuple[str, str]] = field(default_factory=set)
    """Kind and key of other items of theirs that have a number of their own."""
    identities: Sequence[str] = ()
    """Identities of crawls that named the person, as they were before."""
    feeds: Sequence[str] = ()
    """Addresses of feeds that crawls of this database have written."""

    @property
    def spellings(self) -> list[str]:
        """Login names and numbers as addresses have them, in lower case."""
        return [*self.person.names, *(str(number) for number in self.person.numbers)]

    @property
    def touched(self) -> list[str]:
        """Names of the tables that were changed."""
        return sorted(name for name in self.deleted | self.blanked if self.deleted[name] + self.blanked[name])

    def ids(self, table: Table, where: ColumnElement[bool]) -> list[int]:
        """Numbers of rows, in order."""
        return list(self.connection.execute(select(table.c.id).where(where).order_by(table.c.id)).scalars())

    def delete(self, table: Table, where: ColumnElement[bool]) -> None:
        """Delete rows, and count them."""
        self.deleted[table.name] += self.connection.execute(delete(table).where(where)).rowcount

    def blank(self, table: Table, where: ColumnElement[bool], columns: Sequence[str]) -> None:
        """Empty some columns of rows, and count these."""
        statement = update(table).where(where).values(dict.fromkeys(columns))
        self.blanked[table.name] += self.connection.execute(statement).rowcount

    def stream(self, query: Any) -> Iterator[Any]:
        """Rows, of which memory holds some at a time."""
        with self.connection.execute(query, execution_options={"yield_per": 1000}) as found:
            for part in found.partitions():
                yield from part


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The values, as many at a time as an IN list takes."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
