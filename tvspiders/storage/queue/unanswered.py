"""Report parked and quarantined requests: why, when tried, when retried, and what would clear them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, func, select

from tvspiders.storage.queue import crawls as rounds
from tvspiders.storage.queue.leases import BEYOND_CAP, FAILED, REFUSED, refused_thing
from tvspiders.storage.queue.refusals import HIDDEN_AFTER_ROUNDS, MAX_EARLIER_ROUNDS, refusals_in
from tvspiders.storage.tables import crawls, requests

MAX_LISTED = 20
"""Requests listed for each state, and of all other rounds together."""
_CHUNK = 500
"""Requests read at a time."""
_SITE = "an answer of the site"
_PARKED = {"this version has no callback": "a tvspiders that has the callback: the one that asked this"}
_QUARANTINED = {
    "row:": "a database that takes the row: mend it, or upgrade tvspiders and run scrapy reparse",
    "pipeline:": "a pipeline that does not fail: mend it",
    "wrong-id:": "an answer for what was asked",
    "status-4": "a tvspiders that asks otherwise: upgrade",
}
_READ = "a tvspiders that reads it: upgrade and run scrapy reparse; or another answer of the site"


@dataclass(frozen=True)
class Unanswered:
    """A parked or quarantined request."""

    crawl_id: int
    state: str
    path: str
    reason: str | None
    tries: int
    """Attempts in all rounds of the crawl, at least."""
    rounds: int
    """In how many rounds that was."""
    tried_at: str | None
    """When it was tried last; ``None`` where an older version did not store it."""
    again: str
    """When it is retried."""
    clears: str
    """What would clear it."""


@dataclass(frozen=True)
class LeftBehind:
    """Another round with failed requests that no later round has answered."""

    crawl_id: int
    spider: str
    arguments: str
    round: int
    parked: int
    quarantined: int
    followed: bool
    """Whether a later round of the same crawl was begun."""


def unanswered_in(connection: Connection, crawl: RowMapping, state: str) -> list[Unanswered]:
    """The first parked or quarantined requests of a round."""
    query = _wanted().where(requests.c.crawl_id == crawl["id"], requests.c.state == state)
    rows = connection.execute(query.order_by(requests.c.id).limit(MAX_LISTED)).all()
    follows = bool(
        connection.execute(
            select(crawls.c.id).where(crawls.c.identity == crawl["identity"], crawls.c.round > crawl["round"])
        ).first()
    )
    return _described(connection, crawl, rows, follows)


def left_behind(connection: Connection, audited: int) -> tuple[list[LeftBehind], list[Unanswered]]:
    """Other rounds, of any crawl, with failed requests that no later round answered; and the first requests.

    A request that several rounds failed to get counts for the newest of them; one that the audited round
    failed to get is left out.
    """
    request = requests.c
    found: dict[bytes, Any] = {}
    others = {row["id"]: row for row in connection.execute(select(crawls)).mappings()}
    others.pop(audited, None)
    failed = select(request.id, request.crawl_id, request.fingerprint, request.state).where(
        request.crawl_id.in_(list(others)), request.state.in_(FAILED)
    )
    for row in connection.execute(failed.order_by(request.crawl_id, request.id)).all():
        found[row.fingerprint] = row
    mine = select(request.fingerprint).where(request.crawl_id == audited, request.state.in_(FAILED))
    for fingerprint in connection.execute(mine).scalars():
        found.pop(fingerprint, None)
    answered = _answered(connection, [audited, *others], list(found))
    missing = [row for row in found.values() if answered.get(row.fingerprint, -1) < row.crawl_id]
    newest: dict[str, int] = {}
    for crawl in [
        *others.values(),
        *connection.execute(select(crawls).where(crawls.c.id == audited)).mappings(),
    ]:
        newest[crawl["identity"]] = max(newest.get(crawl["identity"], 0), crawl["round"])
    left: list[LeftBehind] = []
    named: list[Unanswered] = []
    for number in sorted({row.crawl_id for row in missing}, reverse=True):
        crawl, ours = others[number], sorted(row.id for row in missing if row.crawl_id == number)
        parked = sum(row.crawl_id == number and row.state == "parked" for row in missing)
        followed = newest[crawl["identity"]] > crawl["round"]
        facts = (crawl["spider"], crawl["arguments"], crawl["round"])
        left.append(LeftBehind(number, *facts, parked, len(ours) - parked, followed))
        if len(named) < MAX_LISTED:
            query = _wanted().where(request.id.in_(ours[: MAX_LISTED - len(named)])).order_by(request.id)
            named += _described(connection, crawl, connection.execute(query).all(), followed)
    return left, named


def _answered(
    connection: Connection, numbers: Sequence[int], fingerprints: Sequence[bytes]
) -> Mapping[bytes, int]:
    """The newest round in which each request was answered. By key: joins would scan whole rounds."""
    request = requests.c
    found: dict[bytes, int] = {}
    for start in range(0, len(fingerprints), _CHUNK):
        query = select(request.fingerprint, func.max(request.crawl_id)).where(
            request.crawl_id.in_(numbers),
            request.fingerprint.in_(fingerprints[start : start + _CHUNK]),
            request.state.in_(("done", "gone")),
        )
        found.update((row[0], int(row[1])) for row in connection.execute(query.group_by(request.fingerprint)))
    return found


def _wanted() -> Any:
    request = requests.c
    return select(
        request.id,
        request.fingerprint,
        request.state,
        request.path,
        request.reason,
        request.status,
        request.tries,
        request.attempts,
        request.tried_at,
        request.answered_at,
        refused_thing().label("thing"),
    )


def _described(
    connection: Connection, crawl: RowMapping, rows: Sequence[Row[Any]], followed: bool
) -> list[Unanswered]:
    rounds_of_it = connection.execute(
        select(crawls.c.id, crawls.c.round)
        .where(crawls.c.identity == crawl["identity"])
        .order_by(crawls.c.round.desc())
    ).all()
    refused: Mapping[str, int] = {}
    if any(row.thing for row in rows):
        until = [each.id for each in rounds_of_it if each.round <= crawl["round"]]
        refused = refusals_in(connection, until[:MAX_EARLIER_ROUNDS])
    numbers = [each.id for each in rounds_of_it]
    described: list[Unanswered] = []
    for row in rows:
        tries, number, last = _history(connection, numbers, row)
        again = _again(crawl, row, followed)
        clears = _clears(row, refused.get(row.path, 0))
        described.append(
            Unanswered(crawl["id"], row.state, row.path, row.reason, tries, number, last, again, clears)
        )
    return described


def _history(connection: Connection, numbers: Sequence[int], row: Row[Any]) -> tuple[int, int, str | None]:
    """Attempts, rounds and the last moment, over all rounds of the crawl."""
    request = requests.c
    tries = func.coalesce(request.tries, request.attempts, 0)
    found = connection.execute(
        select(
            func.coalesce(func.sum(tries), 0),
            func.count().filter(tries > 0),
            func.max(func.coalesce(request.tried_at, request.answered_at)),
        ).where(request.crawl_id.in_(numbers), request.fingerprint == row.fingerprint)
    ).one()
    return int(found[0]), int(found[1]), found[2]


def _again(crawl: RowMapping, row: Row[Any], followed: bool) -> str:
    if followed:
        return "not in this round, which a later one followed; when a later round comes to it"
    if crawl["spider"] in rounds.CHOOSING:
        return "when a round chooses it"
    goes_on = rounds.goes_on(crawl["spider"], crawl["verdict"], bool(crawl["idle_runs"]))
    if not goes_on or row.thing or row.reason == BEYOND_CAP:
        return "in the next round, which the same command begins"
    return "when the same command is run again"


def _clears(row: Row[Any], refused: int) -> str:
    reason = str(row.reason or "")
    if reason == BEYOND_CAP:
        return "the next round, which asks it first"
    if row.state == "parked" and row.status in REFUSED:
        if row.thing and refused:
            times = min(refused, HIDDEN_AFTER_ROUNDS)
            return (
                f"the API showing it to this token; refused in {times} of {HIDDEN_AFTER_ROUNDS} rounds, "
                "after which it counts as hidden"
            )
        return "another token: the API shows this one nothing of its kind; the same token never clears it"
    known = _PARKED if row.state == "parked" else _QUARANTINED
    for begin, words in known.items():
        if reason.startswith(begin):
            return words
    if row.state == "parked":
        return _SITE if row.status else f"a network that holds, and {_SITE}"
    return _READ
