"""The queue of a crawl: lease requests, release and reclaim them, count them."""

from __future__ import annotations

from collections.abc import Sequence
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
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from tvspiders.storage.database.server_time import SERVER_TIME, shared_moment, shared_time
from tvspiders.storage.tables import requests

STATES = ("queued", "leased", "done", "gone", "parked", "quarantined")
"""All states of a request; the last four are final."""
LAST_RANK = 1_000_000
"""Added to the rank of a request that is sent after all others; the rest is its own rank."""
RECHECK_SECONDS = 1.0
"""Seconds between two checks whether all others are finished."""
FAILED = ("parked", "quarantined")
"""Final states that the next run of the same command retries."""
BEYOND_CAP = "left for the next round: no more extra requests are allowed in this one"
"""Reason of a request that the cap of extra requests parked; only the next round sends it."""


REFUSED = (401, 403, 451)
"""Statuses of a page that the API refuses to this token."""


def refused_thing() -> ColumnElement[bool]:
    """Whether a request is a thing's own page that the API refuses: it is sent once a round."""
    request = requests.c
    own = and_(request.path.like("/things/%"), ~request.path.like("/things/%/%"), ~request.path.like("%?%"))
    return and_(request.state == "parked", func.coalesce(request.status, 0).in_(REFUSED), own)


@dataclass(frozen=True)
class Leased:
    """A request that this worker may send now."""

    id: int
    path: str
    callback: str
    kwargs: str | None
    priority: int
    depth: int
    attempts: int
    repeat: bool = False
    """Whether it was answered before, and is sent again since it turned out nearer (see ``NewRequest``)."""
    extra: str | None = None
    """Why it is sent beyond the minimum (see ``NewRequest``)."""


@dataclass(frozen=True)
class Outlook:
    """What is left when nothing could be leased."""

    queued: int
    """Requests that are not due yet."""
    held_by_others: int
    """Requests leased by other living workers."""
    next_in: float | None
    """Seconds until the first queued request is due; ``None`` without one."""


# Plain columns only: SQLite 3.40 gives a wrong answer to ``IS NULL`` in a RETURNING.
_LEASED = tuple(
    requests.c[name]
    for name in (
        *("id", "path", "callback", "kwargs", "rank", "depth", "attempts", "answered_at", "reason"),
        "extra",
    )
)


def own_rank(rank: ColumnElement[int]) -> ColumnElement[int]:
    """The rank of a request, whether or not it was put last."""
    return case((rank >= LAST_RANK // 2, rank - LAST_RANK), else_=rank)


def _leased(row: Row[Any]) -> Leased:
    repeat = row.answered_at is not None and row.reason is None
    rank = row.rank - LAST_RANK if row.rank >= LAST_RANK // 2 else row.rank
    return Leased(
        row.id, row.path, row.callback, row.kwargs, -rank, row.depth, row.attempts, repeat, row.extra
    )


def _goes_last() -> ColumnElement[bool]:
    """Whether a request goes last and others of the crawl are still queued or in flight."""
    other = requests.alias("other")
    before_it = other.c.rank < LAST_RANK // 2
    open_ones = [
        select(literal(1))
        .where(other.c.crawl_id == bindparam("of_crawl"), other.c.state == state, before_it)
        .exists()
        for state in ("queued", "leased")
    ]
    return and_(requests.c.rank >= LAST_RANK // 2, or_(*open_ones))


@cache
def _lease(dialect: str) -> ReturningUpdate[*tuple[Any, ...]]:
    now = shared_time(dialect)
    chosen = (
        select(requests.c.id)
        .where(requests.c.crawl_id == bindparam("of_crawl"), requests.c.state == "queued", ~_goes_last())
        .where(or_(requests.c.available_at.is_(None), requests.c.available_at <= now))
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
    found = connection.execute(_lease(connection.dialect.name), values | shared_moment(connection))
    return [_leased(row) for row in sorted(found.all(), key=lambda row: (row.rank, row.id))]


def prolong(connection: Connection, crawl_id: int, owner: str, seconds: float) -> int:
    """Heartbeat: keep all that this worker holds for ``seconds`` more; returns how many."""
    until = shared_time(connection.dialect.name) + seconds
    statement = update(requests).where(
        requests.c.crawl_id == crawl_id, requests.c.state == "leased", requests.c.lease_owner == owner
    )
    return int(connection.execute(statement.values(lease_until=until), shared_moment(connection)).rowcount)


def release(connection: Connection, crawl_id: int, owner: str, ids: Sequence[int] | None = None) -> int:
    """Release this worker's leases (all, or these ids); returns how many."""
    statement = update(requests).where(
        requests.c.crawl_id == crawl_id, requests.c.state == "leased", requests.c.lease_owner == owner
    )
    if ids is not None:
        statement = statement.where(requests.c.id.in_(ids))
    return int(connection.execute(statement.values(**_BACK)).rowcount)


def reclaim(connection: Connection, crawl_id: int, everything: bool = False) -> int:
    """Queue again what a dead worker held: expired leases, or all when we are the only worker."""
    statement = update(requests).where(requests.c.crawl_id == crawl_id, requests.c.state == "leased")
    if not everything:
        statement = statement.where(requests.c.lease_until < shared_time(connection.dialect.name))
    return int(connection.execute(statement.values(**_BACK), shared_moment(connection)).rowcount)


def others(connection: Connection, crawl_id: int, owner: str) -> tuple[float, dict[str, float]]:
    """The server's time, and until when the leases of each other worker last."""
    query = select(requests.c.lease_owner, func.max(requests.c.lease_until)).where(
        requests.c.crawl_id == crawl_id, requests.c.state == "leased", requests.c.lease_owner != owner
    )
    rows = connection.execute(query.group_by(requests.c.lease_owner)).all()
    held = {str(worker): float(until) for worker, until in rows}
    return float(connection.execute(select(SERVER_TIME)).scalar_one()) if held else 0.0, held


def take_from(connection: Connection, crawl_id: int, worker: str, until: float) -> int:
    """Queue again what this worker held, unless it has prolonged its leases since; returns how many."""
    statement = update(requests).where(
        requests.c.crawl_id == crawl_id,
        requests.c.state == "leased",
        requests.c.lease_owner == worker,
        requests.c.lease_until <= until,
    )
    return int(connection.execute(statement.values(**_BACK)).rowcount)


def leased_now(connection: Connection) -> bool:
    """Whether a living worker holds requests of any crawl."""
    held = select(requests.c.id).where(
        requests.c.state == "leased", requests.c.lease_until > shared_time(connection.dialect.name)
    )
    return connection.execute(held.limit(1), shared_moment(connection)).first() is not None


def retry_failed(connection: Connection, crawl_id: int) -> int:
    """Queue again what was parked or quarantined, with no attempts counted; returns how many.

    Not what the cap of extra requests parked, and no thing that the API refuses: the next round sends these.
    """
    statement = update(requests).where(
        requests.c.crawl_id == crawl_id,
        requests.c.state.in_(FAILED),
        requests.c.reason.is_distinct_from(BEYOND_CAP),
        ~refused_thing(),
    )
    again = statement.values(state="queued", attempts=0, available_at=None, delay=None)
    return int(connection.execute(again).rowcount)


@cache
def _mend(dialect: str) -> Update:
    request, now = requests.c, shared_time(dialect)
    delayed = update(requests).where(request.crawl_id == bindparam("of_crawl"), request.state == "queued")
    return delayed.where(request.available_at > now + request.delay).values(available_at=now + request.delay)


def mend_delays(connection: Connection, crawl_id: int) -> int:
    """Shorten waits that are longer than their delay; returns how many.

    They were set by a clock that has been set back since.
    """
    values = {"of_crawl": crawl_id} | shared_moment(connection)
    return int(connection.execute(_mend(connection.dialect.name), values).rowcount)


@cache
def _outlook(dialect: str) -> Select[int, float | None, int]:
    ours, request = requests.c.crawl_id == bindparam("of_crawl"), requests.c
    others = (
        select(func.count())
        .where(ours, request.state == "leased", request.lease_owner != bindparam("owner"))
        .scalar_subquery()
    )
    now = shared_time(dialect)
    available = case((_goes_last(), now + RECHECK_SECONDS), else_=func.coalesce(request.available_at, 0))
    first = func.min(available) - now
    return select(func.count(), first, others).where(ours, request.state == "queued")


def outlook(connection: Connection, crawl_id: int, owner: str) -> Outlook:
    """What is left; cheap when that is little."""
    values = {"of_crawl": crawl_id, "owner": owner} | shared_moment(connection)
    queued, first, held = connection.execute(_outlook(connection.dialect.name), values).one()
    return Outlook(int(queued), int(held), None if first is None else max(0.0, float(first)))


def counts(connection: Connection, crawl_id: int) -> dict[str, int]:
    """Number of requests in each state, all states included."""
    found = connection.execute(
        select(requests.c.state, func.count())
        .where(requests.c.crawl_id == crawl_id)
        .group_by(requests.c.state)
    )
    return dict.fromkeys(STATES, 0) | {state: int(number) for state, number in found.all()}


_BACK: dict[str, Any] = {"state": "queued", "lease_owner": None, "lease_until": None}
