"""The work of forgetting one person: who it is, what was found of theirs, and how many rows it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select, update

from tvspiders.storage.forgetting.find_person import Person
from tvspiders.storage.people.forgotten import Forgotten, ThingsOf

CHUNK = 500
"""Values in one IN list."""


@dataclass
class Forgetting:
    """One person, taken out of one database in one transaction."""

    connection: Connection
    person: Person
    people: Forgotten
    policy: ThingsOf
    again: bool = False
    """Whether the person was forgotten before, and nothing of them is stored."""
    deleted: Counter[str] = field(default_factory=Counter)
    """Rows by table."""
    blanked: Counter[str] = field(default_factory=Counter)
    """Rows of which a part was taken out, by table."""
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
