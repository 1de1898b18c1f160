"""Extra requests of a round: counted by reason, and carried over where the cap parked them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, case, func, or_, select

from tvspiders.storage.database.upserts import insert_for
from tvspiders.storage.queue.leases import BEYOND_CAP
from tvspiders.storage.tables import crawls, requests
from tvspiders.storage.units import NewRequest

CARRIED_OVER_PRIORITY = 1000
"""Priority of what the previous round left: before everything else."""


@dataclass(frozen=True)
class Bill:
    """Requests of a round; see ``policies.request_budget`` for the reasons and the cap."""

    least: int = 0
    """Requests that a faultless site would be sent, too."""
    granted: int = 0
    """Extra requests that were sent or are queued, counted by attempts."""
    asked: dict[str, int] = field(default_factory=dict)
    """Reason -> extra requests that were sent, counted by attempts."""
    left: int = 0
    """Extra requests that the cap leaves for the next round."""


def bill_of(connection: Connection, crawl_id: int) -> Bill:
    """Count; reads only."""
    request = requests.c
    left = and_(request.state == "parked", request.reason == BEYOND_CAP)
    # what was sent back to the queue carries its attempts; a request of its own may have none
    times = func.sum(case((request.attempts > 1, request.attempts), else_=1))
    was_asked = and_(or_(request.state != "queued", request.attempts > 0), ~left)
    rows = connection.execute(
        select(
            request.extra,
            func.count(),
            func.coalesce(times.filter(or_(request.reason.is_(None), ~left)), 0),
            func.coalesce(times.filter(or_(request.reason.is_(None), was_asked)), 0),
            func.count().filter(left),
        )
        .where(request.crawl_id == crawl_id)
        .group_by(request.extra)
        .order_by(request.extra)
    ).all()
    extra = [row for row in rows if row[0] is not None]
    return Bill(
        least=sum(int(row[1]) for row in rows if row[0] is None),
        granted=sum(int(row[2]) for row in extra),
        asked={str(row[0]): int(row[3]) for row in extra if row[3]},
        left=sum(int(row[4]) for row in extra),
    )


def carry_over(connection: Connection, crawl_id: int) -> int:
    """Queue what the cap parked in the previous round, before everything else; returns how many.

    A request that the new round would send in any case is not an extra one.
    """
    new, old = crawls.alias(), crawls.alias()
    before = (
        select(old.c.id)
        .join(new, and_(new.c.identity == old.c.identity, new.c.round == old.c.round + 1))
        .where(new.c.id == crawl_id)
        .scalar_subquery()
    )
    request = requests.c
    left = connection.execute(
        select(request.fingerprint, request.path, request.callback, request.kwargs, request.extra).where(
            request.crawl_id == before, request.state == "parked", request.reason == BEYOND_CAP
        )
    ).all()
    rows = [
        {
            "crawl_id": crawl_id,
            "fingerprint": row.fingerprint,
            "path": row.path,
            "callback": row.callback,
            "kwargs": row.kwargs,
            "rank": -CARRIED_OVER_PRIORITY,
            "depth": 0,
            "state": "queued",
            "attempts": 0,
            "extra": None if _plain(row.path, bytes(row.fingerprint)) else row.extra,
        }
        for row in left
    ]
    if rows:
        # another worker may have opened the same round
        connection.execute(insert_for(connection, requests).on_conflict_do_nothing(), rows)
    return len(rows)


def _plain(path: str, fingerprint: bytes) -> bool:
    """Whether this is the ordinary request for a path, not a variant."""
    return NewRequest(path, "").fingerprint == fingerprint
