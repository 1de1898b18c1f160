"""Rows unaccounted for: announced by a list, shown on no page; stored with each list, and since when.

What two later rounds meet unchanged is standing: it is reported, not looked into any more, and no reason
to call a round partial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, not_, or_, select, true, tuple_

from tvspiders.items import UNREADABLE
from tvspiders.storage.tables import crawl_items, lists

STANDING_ROUNDS = 2
"""Later rounds that must meet unaccounted rows unchanged before they are standing."""
MAX_NAMED = 20
"""Most lists that are named."""
AT_LEAST = "at least "
"""Said before a number of rows that is a lower bound."""


@dataclass(frozen=True)
class UnaccountedList:
    """A list with rows unaccounted for."""

    subject: str
    subject_id: str
    name: str
    rows: int
    since: str | None
    standing: bool
    unreadable: bool = False
    """Whether no address brings the list at all."""
    at_least: bool = False
    """Whether more rows may be unaccounted for than the list can show."""

    @property
    def number(self) -> str:
        """How many rows, as far as the list shows it."""
        return f"{AT_LEAST * self.at_least}{self.rows:,}"

    def __str__(self) -> str:
        """Which list, in words."""
        if self.subject == "search":
            return self.subject_id
        return f"{self.name} of {self.subject} {self.subject_id}"


@dataclass(frozen=True)
class UnaccountedRows:
    """What the lists of a round leave open."""

    lists: int = 0
    """Lists with rows unaccounted for, without the standing ones."""
    rows: int = 0
    """Rows unaccounted for in them."""
    standing: int = 0
    """Lists with standing rows."""
    standing_rows: int = 0
    """Rows unaccounted for in these."""
    lower_bounds: int = 0
    """Lists with more rows unaccounted for, perhaps, than they can show; without the standing ones."""
    standing_lower_bounds: int = 0
    """The same of the standing ones."""
    standing_since: str | None = None
    """Since when the oldest of them is known."""
    unproven: int = 0
    """Lists without any number that could show a lost row."""
    not_served: int = 0
    """Places that the site does not fill: hidden things."""
    looks: int = 0
    """Pages looked at twice."""
    named: tuple[UnaccountedList, ...] = ()
    """The first lists, new ones and large ones first."""
    unreadable: int = 0
    """Lists that no address brings, also those asked for by a default only."""
    unreadable_named: tuple[UnaccountedList, ...] = ()
    """The first of them."""

    @property
    def least(self) -> str:
        """Words before the number of all rows, standing ones included, where it is a lower bound."""
        return AT_LEAST * bool(self.lower_bounds + self.standing_lower_bounds)


def note_unaccounted(connection: Connection, crawl_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Add to rows of lists since when rows are unaccounted for, and how many later rounds met that."""
    key = ("subject", "subject_id", "name")
    doubtful = [row for row in rows if row["doubtful"]]
    known: dict[tuple[str, ...], Any] = {}
    if doubtful:
        columns = [lists.c[name] for name in key]
        names = [tuple(row[name] for name in key) for row in doubtful]
        stored = connection.execute(select(lists).where(tuple_(*columns).in_(names)))
        known = {tuple(row[name] for name in key): row for row in stored.mappings()}
    for row in rows:
        row |= {"doubt_since": None, "doubt_rounds": 0, "doubt_crawl": crawl_id}
        old = known.get(tuple(row[name] for name in key))
        if not row["doubtful"]:
            continue
        if old is None or _differs(old, row):
            row["doubt_since"] = row["last_scraped"]
        else:
            row["doubt_since"] = old["doubt_since"]
            row["doubt_rounds"] = (old["doubt_rounds"] or 0) + (old["doubt_crawl"] != crawl_id)


def _differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether other rows are unaccounted for; of an unreadable list, their number does not matter."""
    if old["doubt"] != new["doubt"]:
        return True
    return bool(new["doubt"] != UNREADABLE and old["doubtful"] != new["doubtful"])


def standing_unaccounted(connection: Connection) -> dict[str, tuple[int, str]]:
    """Number and digest of standing rows, by key of the list."""
    found = connection.execute(
        select(lists).where(lists.c.doubtful > 0, lists.c.doubt_rounds >= STANDING_ROUNDS)
    ).mappings()
    return {
        f"{row['subject']}>{row['subject_id']}>{row['name']}": (row["doubtful"], row["doubt"])
        for row in found
    }


def unaccounted_of(connection: Connection, crawl_id: int | None) -> UnaccountedRows:
    """What the lists of a round leave open, or all lists without one; reads only."""
    column = lists.c
    open_ends = or_(
        column.doubtful > 0,
        column.not_served > 0,
        column.looks > 0,
        column.ended.in_(("unproven", UNREADABLE)),
    )
    ours = open_ends if crawl_id is None else and_(open_ends, column.doubt_crawl == crawl_id)
    doubtful = column.doubtful > 0
    standing = and_(doubtful, column.doubt_rounds >= STANDING_ROUNDS)
    new = and_(doubtful, column.doubt_rounds < STANDING_ROUNDS)
    lower_bound = not_(
        or_(
            and_(column.complete.is_(True), column.total.is_not(None), column.ended != "unproven"),
            and_(column.ended == UNREADABLE, func.coalesce(column.stated, 0) > 0),
        )
    )
    summed = connection.execute(
        select(
            func.count().filter(new),
            func.coalesce(func.sum(column.doubtful).filter(new), 0),
            func.count().filter(standing),
            func.coalesce(func.sum(column.doubtful).filter(standing), 0),
            func.count().filter(and_(new, lower_bound)),
            func.count().filter(and_(standing, lower_bound)),
            func.min(column.doubt_since).filter(standing),
            func.count().filter(column.ended == "unproven"),
            func.coalesce(func.sum(column.not_served), 0),
            func.coalesce(func.sum(column.looks), 0),
            func.count().filter(column.ended == UNREADABLE),
        ).where(ours)
    ).one()
    unreadable = case((column.ended == UNREADABLE, 1), else_=0)
    naming = (
        select(
            *(column[name] for name in ("subject", "subject_id", "name", "doubtful", "doubt_since")),
            case((standing, 1), else_=0).label("standing"),
            unreadable,
            case((lower_bound, 1), else_=0),
        )
        .where(ours)
        .order_by("standing", column.doubtful.desc(), column.subject_id, column.name)
        .limit(MAX_NAMED)
    )
    *numbers, missing = [value if isinstance(value, str) or value is None else int(value) for value in summed]
    named, unread = (
        tuple(
            UnaccountedList(*row[:5], *map(bool, row[5:])) for row in connection.execute(naming.where(part))
        )
        for part in (doubtful, column.ended == UNREADABLE)
    )
    return UnaccountedRows(*numbers, named, missing, unread)  # type: ignore[arg-type,call-arg]


def read_by_crawl(crawl_id: int) -> ColumnElement[bool]:
    """Whether the crawl's register holds a list; its key is made as an item's."""
    item = crawl_items.c
    key = lists.c.subject + ">" + lists.c.subject_id + ">" + lists.c.name
    return exists(true()).where(item.crawl_id == crawl_id, item.kind == "list", item.key == key)
