"""The queue inside the ledger: leasing requests, giving them back, counting them."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from tvspiders.storage.tables import requests

STATES = ("queued", "leased", "done", "gone", "parked", "quarantined")
"""All states of a request; the last four are ends."""
LONGEST_DELAY = 3600.0
"""Seconds; a request that must wait longer was put off by a clock that has been set back since."""
LAST = 1_000_000
"""Added to the rank of a request that is asked when all others are through; its own rank is what remains."""
LOOK_AGAIN = 1.0
"""Seconds after which it is worth a look whether the others are through."""
FAILED = ("parked", "quarantined")
"""Ends that the next run of the same command tries again."""
BEYOND_CAP = "left for the next round: no more extra requests are allowed in this one"
"""Reason of a parked request that the cap of extra requests left unasked; only the next round asks it."""


@dataclass(frozen=True)
class Leased:
    """A request that this worker may ask now."""

    id: int
    path: str
    callback: str
    kwargs: str | None
    priority: int
    depth: int
    attempts: int
    repeat: bool = False
    """Whether it was answered before, and is asked anew since it turned out nearer (see ``NewRequest``)."""
    extra: str | None = None
    """Why it is asked beyond the least (see ``NewRequest``)."""


@dataclass(frozen=True)
class Outlook:
    """What is left when nothing could be leased."""

    queued: int
    """Requests that wait for their moment."""
    held_by_others: int
    """Requests leased by other living workers."""
    next_in: float | None
    """Seconds until the first queued request may be asked; ``None`` without one."""


# Plain columns only: SQLite 3.40 gives a wrong answer to ``IS NULL`` in a RETURNING.
_LEASED = tuple(
    requests.c[name]
    for name in (
        *("id", "path", "callback", "kwargs", "rank", "depth", "attempts", "answered_at", "reason"),
        "extra",
    )
)


SERVER_TIME = cast(extract("epoch", func.clock_timestamp()), Float)
"""Seconds since 1970 by the clock of PostgreSQL, which all workers share."""


def own_rank(rank: ColumnElement[int]) -> ColumnElement[int]:
    """The rank of a request, whether or not it was put last."""
    return case((rank >= LAST // 2, rank - LAST), else_=rank)


def _leased(row: Row[Any]) -> Leased:
    repeat = row.answered_at is not None and row.reason is None
    rank = row.rank - LAST if row.rank >= LAST // 2 else row.rank
    return Leased(
        row.id, row.path, row.callback, row.kwargs, -rank, row.depth, row.attempts, repeat, row.extra
    )


def database_time(connection: Connection) -> ColumnElement[float]:
    """Seconds since 1970: the server's clock on PostgreSQL, which all workers share; ours on SQLite."""
    return SERVER_TIME if connection.dialect.name == "postgresql" else literal(time.time())


def _now(dialect: str) -> ColumnElement[float]:
    """The same for a statement that is built once; :func:`_moment` gives its value."""
    return SERVER_TIME if dialect == "postgresql" else bindparam("now", type_=Float)


def _moment(connection: Connection) -> dict[str, Any]:
    return {} if connection.dialect.name == "postgresql" else {"now": time.time()}


def _put_off() -> ColumnElement[bool]:
    """Whether a request was put last and others of the crawl are not through yet: queued, or in flight."""
    other = requests.alias("other")
    before_it = other.c.rank < LAST // 2
    open_ones = [
        select(literal(1))
        .where(other.c.crawl_id == bindparam("of_crawl"), other.c.state == state, before_it)
        .exists()
        for state in ("queued", "leased")
    ]
    return and_(requests.c.rank >= LAST // 2, or_(*open_ones))


@cache
def _lease(dialect: str) -> ReturningUpdate[*tuple[Any, ...]]:
    now = _now(dialect)
    chosen = (
        select(requests.c.id)
        .where(requests.c.crawl_id == bindparam("of_crawl"), requests.c.state == "queued", ~_put_off())
        .where(
            or_(
                requests.c.available_at.is_(None),
                requests.c.available_at <= now,
                requests.c.available_at > now + LONGEST_DELAY,
            )
        )
        .order_by(requests.c.rank, requests.c.id)
        .limit(bindparam("most", type_=Integer))
    )
    if dialect == "postgresql":
        chosen = chosen.with_for_update(skip_locked=True)
    # As a plain sub-query PostgreSQL may run it once for each row, and lease far too much.
    found = chosen.cte("chosen")
    return (
        update(requests)
        .where(requests.c.id.in_(select(found.c.id)))
        .values(
            state="leased",
            lease_owner=bindparam("owner"),
            lease_until=now + bindparam("seconds", type_=Float),
        )
        .returning(*_LEASED)
    )


def lease(connection: Connection, crawl_id: int, owner: str, limit: int, seconds: float) -> list[Leased]:
    """Take up to ``limit`` queued requests, first by priority and then by age, for ``seconds``."""
    values = {"of_crawl": crawl_id, "owner": owner, "most": limit, "seconds": seconds}
    found = connection.execute(_lease(connection.dialect.name), values | _moment(connection))
    return [_leased(row) for row in sorted(found.all(), key=lambda row: (row.rank, row.id))]


def forgotten(connection: Connection, crawl_id: int, owner: str, known: Collection[int]) -> list[Leased]:
    """Requests that this worker has leased without knowing: the answer to its commit was lost."""
    query = select(*_LEASED).where(
        requests.c.crawl_id == crawl_id, requests.c.state == "leased", requests.c.lease_owner == owner
    )
    rows = connection.execute(query.order_by(requests.c.rank, requests.c.id)).all()
    return [_leased(row) for row in rows if row.id not in known]


def prolong(connection: Connection, crawl_id: int, owner: str, seconds: float) -> int:
    """Heartbeat: keep all that this worker holds for ``seconds`` more; returns how many."""
    until = database_time(connection) + seconds
    statement = update(requests).where(
        requests.c.crawl_id == crawl_id, requests.c.state == "leased", requests.c.lease_owner == owner
    )
    return int(connection.execute(statement.values(lease_until=until)).rowcount)


def release(connection: Connection, crawl_id: int, owner: str, ids: Sequence[int] | None = None) -> int:
    """Give back what this worker holds (all, or the ids named); returns how many."""
    statement = update(requests).where(
        requests.c.crawl_id == crawl_id, requests.c.state == "leased", requests.c.lease_owner == owner
    )
    if ids is not None:
        statement = statement.where(requests.c.id.in_(ids))
    return int(connection.execute(statement.values(**_BACK)).rowcount)


def reclaim(connection: Connection, crawl_id: int, everything: bool = False, owner: str | None = None) -> int:
    """Queue again what a dead worker held: leases past their time, or all when we are the only worker.

    Not what ``owner`` holds: whoever asks is alive, also when the database was away for longer than a lease.
    """
    statement = update(requests).where(requests.c.crawl_id == crawl_id, requests.c.state == "leased")
    if not everything:
        statement = statement.where(requests.c.lease_until < database_time(connection))
    if owner is not None:
        statement = statement.where(requests.c.lease_owner != owner)
    return int(connection.execute(statement.values(**_BACK)).rowcount)


def retry_failed(connection: Connection, crawl_id: int) -> int:
    """Queue again what was parked or quarantined, with no attempts counted; returns how many.

    Not what the cap of extra requests left: this round may not ask it.
    """
    statement = update(requests).where(
        requests.c.crawl_id == crawl_id,
        requests.c.state.in_(FAILED),
        requests.c.reason.is_distinct_from(BEYOND_CAP),
    )
    return int(connection.execute(statement.values(state="queued", attempts=0, available_at=None)).rowcount)


@cache
def _outlook(dialect: str) -> Select[int, float | None, int]:
    ours, request = requests.c.crawl_id == bindparam("of_crawl"), requests.c
    others = (
        select(func.count())
        .where(ours, request.state == "leased", request.lease_owner != bindparam("owner"))
        .scalar_subquery()
    )
    now = _now(dialect)
    available = case((_put_off(), now + LOOK_AGAIN), else_=func.coalesce(request.available_at, 0))
    first = func.min(available) - now
    return select(func.count(), first, others).where(ours, request.state == "queued")


def outlook(connection: Connection, crawl_id: int, owner: str) -> Outlook:
    """Look at what is left; cheap when little is."""
    values = {"of_crawl": crawl_id, "owner": owner} | _moment(connection)
    queued, first, held = connection.execute(_outlook(connection.dialect.name), values).one()
    return Outlook(int(queued), int(held), None if first is None else max(0.0, float(first)))


def counts(connection: Connection, crawl_id: int) -> dict[str, int]:
    """Number of requests in each state; every state is named."""
    found = connection.execute(
        select(requests.c.state, func.count())
        .where(requests.c.crawl_id == crawl_id)
        .group_by(requests.c.state)
    )
    return dict.fromkeys(STATES, 0) | {state: int(number) for state, number in found.all()}


_BACK: dict[str, Any] = {"state": "queued", "lease_owner": None, "lease_until": None}
