"""How the lists of a crawl ended, and which of them hold another number than was stated."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, case, func, select

from tvspiders.storage.catalogue.unaccounted_rows import UnaccountedRows, read_by_crawl, unaccounted_of
from tvspiders.storage.tables import lists

MAX_SHOWN = 5
"""Most lists that are named one by one."""
REMIXES = ("derivatives", "remixes")
"""The API names of a thing's list of remixes."""
_WORDS = {"derivatives": "remixes", "copies": "makes"}
"""API name of a list -> its usual name."""


@dataclass(frozen=True)
class Difference:
    """A list whose length is not what its subject states."""

    subject: str
    subject_id: str
    name: str
    stated: int
    received: int

    def __str__(self) -> str:
        """Which list, and both numbers, in words."""
        subject = f"{_WORDS.get(self.name, self.name)} of {self.subject} {self.subject_id}"
        gap = self.received - self.stated
        return f"{subject}: {self.stated:,} stated, {self.received:,} listed ({gap:+,})"


@dataclass(frozen=True)
class Differences:
    """Lists whose length is not what their subjects state."""

    lists: int = 0
    """How many."""
    named: tuple[Difference, ...] = ()
    """The first of them: remixes, which show gaps of the network, then the largest differences."""


@dataclass(frozen=True)
class ListEnds:
    """The lists that one crawl has read."""

    by_end: dict[str, int] = field(default_factory=dict)
    """``ended`` -> how many lists."""
    complete: int = 0
    """How many ended by themselves."""
    out_of_reach: tuple[str, ...] = ()
    """Subjects of the first lists that hold more than the site serves."""
    different: int = 0
    """How many whole lists hold another number than stated."""
    differences: tuple[Difference, ...] = ()
    """The first of them."""
    unaccounted: UnaccountedRows = field(default_factory=UnaccountedRows)
    """Rows unaccounted for, and what else is open."""

    @property
    def read(self) -> int:
        """All lists."""
        return sum(self.by_end.values())


def list_ends(connection: Connection, crawl_id: int) -> ListEnds:
    """How the lists that a crawl has read ended, in all of its runs."""
    ours = read_by_crawl(crawl_id)
    counted = connection.execute(
        select(lists.c.ended, func.count(), func.count().filter(lists.c.complete))
        .where(ours)
        .group_by(lists.c.ended)
        .order_by(lists.c.ended)
    ).all()
    beyond = connection.execute(
        select(lists.c.subject_id).where(ours, lists.c.ended == "window").order_by(lists.c.subject_id)
    )
    different = differences_of(connection, crawl_id)
    return ListEnds(
        {str(ended): int(count) for ended, count, _ in counted},
        sum(int(complete) for _, _, complete in counted),
        tuple(str(row[0]) for row in beyond.fetchmany(MAX_SHOWN)),
        different.lists,
        different.named,
        unaccounted_of(connection, crawl_id),
    )


def differences_of(connection: Connection, crawl_id: int) -> Differences:
    """The whole lists that a crawl has read and that hold another number than stated."""
    other = and_(read_by_crawl(crawl_id), lists.c.complete, lists.c.stated != lists.c.received)
    number = connection.execute(select(func.count()).where(other)).scalar_one()
    gap = func.abs(lists.c.stated - lists.c.received)
    of_remixes = and_(lists.c.subject == "thing", lists.c.name.in_(REMIXES))
    found = connection.execute(
        select(lists.c.subject, lists.c.subject_id, lists.c.name, lists.c.stated, lists.c.received)
        .where(other)
        .order_by(case((of_remixes, 0), else_=1), gap.desc(), lists.c.subject_id, lists.c.name)
        .limit(MAX_SHOWN)
    )
    return Differences(int(number), tuple(Difference(*row) for row in found))
