"""How the lists of a crawl ended, and which of them hold another number than was stated."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, func, select

from tvspiders.storage.list_doubts import Doubts, doubts_of, of_crawl
from tvspiders.storage.tables import lists

SHOWN = 5
"""Lists named one by one at most."""


@dataclass(frozen=True)
class Difference:
    """A list whose length is not what its subject states."""

    subject: str
    subject_id: str
    name: str
    stated: int
    received: int


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
    """How many whole lists hold another number than stated; those of things, which are many, left out."""
    differences: tuple[Difference, ...] = ()
    """The first of them, the largest difference first."""
    doubts: Doubts = field(default_factory=Doubts)
    """Rows that nobody can account for, and what else is open."""

    @property
    def read(self) -> int:
        """All lists."""
        return sum(self.by_end.values())


def list_ends(connection: Connection, crawl_id: int) -> ListEnds:
    """What became of the lists that a crawl has read, in all of its runs."""
    ours = of_crawl(crawl_id)
    counted = connection.execute(
        select(lists.c.ended, func.count(), func.count().filter(lists.c.complete))
        .where(ours)
        .group_by(lists.c.ended)
        .order_by(lists.c.ended)
    ).all()
    beyond = connection.execute(
        select(lists.c.subject_id).where(ours, lists.c.ended == "window").order_by(lists.c.subject_id)
    )
    other = and_(
        ours,
        lists.c.complete,
        lists.c.subject != "thing",
        lists.c.stated != lists.c.received,
    )
    number = connection.execute(select(func.count()).where(other)).scalar_one()
    gap = func.abs(lists.c.stated - lists.c.received)
    found = connection.execute(
        select(lists.c.subject, lists.c.subject_id, lists.c.name, lists.c.stated, lists.c.received)
        .where(other)
        .order_by(gap.desc(), lists.c.subject_id, lists.c.name)
        .limit(SHOWN)
    )
    return ListEnds(
        {str(ended): int(count) for ended, count, _ in counted},
        sum(int(complete) for _, _, complete in counted),
        tuple(str(row[0]) for row in beyond.fetchmany(SHOWN)),
        int(number),
        tuple(Difference(*row) for row in found),
        doubts_of(connection, crawl_id),
    )
