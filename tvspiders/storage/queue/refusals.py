"""Things whose own page the API refuses (401, 403, 451) while it serves others: hidden after three rounds.

A token that is refused everything of a kind proves nothing about one thing: then nothing counts as hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, and_, func, or_, select

from tvspiders.storage.queue.leases import REFUSED, refused_thing
from tvspiders.storage.tables import crawls, requests

HIDDEN_AFTER_ROUNDS = 3
"""Rounds in which a thing is refused before it counts as hidden."""
MAX_EARLIER_ROUNDS = 10
"""Earlier rounds that are read."""
_CHUNK = 500


def refused_in_earlier_rounds(connection: Connection, crawl_id: int) -> dict[str, int]:
    """Paths of things that earlier rounds were refused, and in how many; hidden ones have three.

    Only rounds since the thing was last answered count.
    """
    mine = select(crawls.c.identity, crawls.c.round).where(crawls.c.id == crawl_id).subquery()
    earlier = connection.execute(
        select(crawls.c.id)
        .join(mine, and_(crawls.c.identity == mine.c.identity, crawls.c.round < mine.c.round))
        .order_by(crawls.c.round.desc())
        .limit(MAX_EARLIER_ROUNDS)
    )
    return refusals_in(connection, list(earlier.scalars()))


def refusals_in(connection: Connection, rounds: Sequence[int]) -> dict[str, int]:
    """The same for these rounds, newest first."""
    if not rounds:
        return {}
    request = requests.c
    hidden = and_(request.state == "gone", request.status.in_(REFUSED))
    rows = connection.execute(
        select(request.crawl_id, request.path, request.callback, request.state, request.fingerprint).where(
            request.crawl_id.in_(rounds), or_(refused_thing(), hidden)
        )
    ).all()
    if not rows:
        return {}
    alone = _shows_others(connection, {(row.crawl_id, row.callback) for row in rows})
    answered = _last_answered(connection, rounds, [row.fingerprint for row in rows])
    place = {number: at for at, number in enumerate(rounds)}
    found: Counter[str] = Counter()
    for row in rows:
        if place[row.crawl_id] > answered.get(row.path, len(rounds)):
            continue
        if row.state == "gone":
            found[row.path] += HIDDEN_AFTER_ROUNDS
        elif alone[row.crawl_id, row.callback]:
            found[row.path] += 1
    return dict(found)


def _shows_others(
    connection: Connection, kinds: Collection[tuple[int, str]]
) -> Mapping[tuple[int, str], bool]:
    """Whether a round got an answer for the same callback; for the only one of its kind, any answer."""
    request = requests.c
    shows: dict[tuple[int, str], bool] = {}
    for crawl_id, callback in kinds:
        ours = select(request.id).where(request.crawl_id == crawl_id)
        done = ours.where(request.state == "done").limit(1)
        alike = ours.where(request.callback == callback).limit(2)
        only = int(connection.execute(select(func.count()).select_from(alike.subquery())).scalar_one()) == 1
        wanted = done if only else done.where(request.callback == callback)
        shows[crawl_id, callback] = connection.execute(wanted).first() is not None
    return shows


def _last_answered(
    connection: Connection, rounds: Sequence[int], fingerprints: Sequence[bytes]
) -> Mapping[str, int]:
    """Path -> place among the rounds of the newest in which it was answered."""
    request, place = requests.c, {number: at for at, number in enumerate(rounds)}
    found: dict[str, int] = {}
    wanted = sorted(set(fingerprints))
    for start in range(0, len(wanted), _CHUNK):
        rows = connection.execute(
            select(request.crawl_id, request.path).where(
                request.crawl_id.in_(rounds),
                request.fingerprint.in_(wanted[start : start + _CHUNK]),
                request.state == "done",
            )
        )
        for crawl_id, path in rows.all():
            found[path] = min(found.get(path, len(rounds)), place[crawl_id])
    return found
