"""Crawls and their rounds: which round a command continues, and how each ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, exists, or_, select, update

from tvspiders.storage.database.upserts import changed, insert_for
from tvspiders.storage.people.leave_out import require_not_forgotten
from tvspiders.storage.tables import answers, crawls

RUNNING, COMPLETE, PAUSED, PARTIAL, INTERRUPTED, FAILED = (
    "running",
    "complete",
    "paused",
    "partial",
    "interrupted",
    "failed",
)
"""Verdicts; ``running`` also stands for a crawl whose process died."""

MAX_DIGITS = 19
"""A number with so many digits may not fit into the database."""


@dataclass(frozen=True)
class Crawl:
    """One round of a crawl, continued or new."""

    id: int
    identity: str
    round: int
    resumed: bool
    """Whether an earlier run of this round left work behind."""
    previous: str | None
    """Verdict of that earlier run."""


def crawl_identity(spider: str, arguments: Mapping[str, Any], name: str | None) -> str:
    """A short text that is equal for equal crawls: same spider, same arguments, same name."""
    text = json.dumps([spider, dict(arguments), name], sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


CHOOSING = frozenset({"refresh"})
"""Spiders that choose what to request in each round: they continue only what was interrupted."""


def goes_on(spider: str, verdict: str, idle: bool) -> bool:
    """Whether the same command continues a round that ended so; ``idle``: its run got nothing new."""
    if spider in CHOOSING:
        return verdict not in (COMPLETE, PAUSED, PARTIAL)
    return verdict != COMPLETE and not (verdict == PARTIAL and idle)


def open_crawl(
    connection: Connection,
    spider: str,
    arguments: Mapping[str, Any],
    name: str | None,
    now: str,
    facts: Mapping[str, Any],
    at_work_on: int = 0,
) -> Crawl:
    """Continue the unfinished round of this crawl, else begin the next.

    A partial round is continued once for what it could not get; if that run
    got nothing, the next round begins. A run that was ``at_work_on`` a round
    already continues it, whatever its verdict, or a later one.

    Raises ``StorageProblem`` for a crawl of a person who was forgotten.
    """
    require_not_forgotten(connection, arguments, name)
    identity = crawl_identity(spider, arguments, name)
    last = (
        connection.execute(
            select(crawls).where(crawls.c.identity == identity).order_by(crawls.c.round.desc()).limit(1)
        )
        .mappings()
        .one_or_none()
    )
    ours = last is not None and 0 < at_work_on <= last["round"]
    if last is not None and (ours or goes_on(spider, last["verdict"], bool(last["idle_runs"]))):
        again = {"runs": crawls.c.runs + 1, "verdict": RUNNING, "ended_at": None, "reason": None, **facts}
        changed(1, connection.execute(update(crawls).where(crawls.c.id == last["id"]).values(again)))
        return Crawl(last["id"], identity, last["round"], True, last["verdict"])
    number = (last["round"] if last else 0) + 1
    row = {
        "spider": spider,
        "identity": identity,
        "round": number,
        "name": name,
        "arguments": json.dumps(dict(arguments), sort_keys=True, ensure_ascii=False),
        "verdict": RUNNING,
        "started_at": now,
        "runs": 1,
        "idle_runs": 0,
        **facts,
    }
    connection.execute(insert_for(connection, crawls).values(row).on_conflict_do_nothing())
    made = connection.execute(
        select(crawls.c.id, crawls.c.runs).where(crawls.c.identity == identity, crawls.c.round == number)
    ).one()
    return Crawl(made.id, identity, number, False, None)


def latest_api_url(connection: Connection) -> str | None:
    """The API's address of the newest round, ``None`` before the first."""
    newest = select(crawls.c.api_url).where(crawls.c.api_url.is_not(None))
    return connection.execute(newest.order_by(crawls.c.id.desc()).limit(1)).scalar()


def close_crawl(
    connection: Connection,
    crawl_id: int,
    verdict: str,
    reason: str | None,
    now: str,
    counts: Mapping[str, int],
    idle: bool | None,
) -> None:
    """Store how a run ended.

    ``idle``: it retried what was missing and got nothing new; ``None`` leaves that open.
    """
    end = {
        "verdict": verdict,
        "reason": reason,
        "ended_at": now,
        "counts": json.dumps(dict(counts), sort_keys=True),
        "idle_runs": 0 if idle is False else crawls.c.idle_runs + int(bool(idle)),
    }
    changed(1, connection.execute(update(crawls).where(crawls.c.id == crawl_id).values(end)))


def rounds_over_before(moment: str) -> Select[int]:
    """Numbers of the rounds that were over before a moment: complete, or followed by a later one."""
    later = crawls.alias()
    followed = exists().where(later.c.identity == crawls.c.identity, later.c.round > crawls.c.round)
    over = or_(crawls.c.verdict == COMPLETE, followed)
    return select(crawls.c.id).where(over, crawls.c.ended_at < moment)


def drop_old_answers(connection: Connection, before: str) -> int:
    """Drop the bodies of answers of rounds that were over before a moment; returns how many.

    Answers that could not be parsed stay, and so does what was parsed from the others.
    """
    statement = (
        update(answers)
        .where(
            answers.c.crawl_id.in_(rounds_over_before(before)),
            answers.c.refused.is_(None),
            answers.c.body.is_not(None),
        )
        .values(body=None)
    )
    return int(connection.execute(statement).rowcount)


@dataclass(frozen=True)
class RoundState:
    """The state of one round of a crawl, or how it ended."""

    id: int
    round: int
    verdict: str
    reason: str | None
    started_at: str
    ended_at: str | None
    goes_on: bool
    """Whether the same command would continue it."""
    counts: Mapping[str, int]
    """Requests in each state, as counted at the end of the last run; empty while it runs."""
    arguments: str


def round_states(connection: Connection, identity: str) -> list[RoundState]:
    """All rounds of a crawl, oldest first; none when it was never run."""
    rows = connection.execute(select(crawls).where(crawls.c.identity == identity).order_by(crawls.c.round))
    return [
        RoundState(
            row["id"],
            row["round"],
            row["verdict"],
            row["reason"],
            row["started_at"],
            row["ended_at"],
            goes_on(row["spider"], row["verdict"], bool(row["idle_runs"])),
            json.loads(row["counts"]) if row["counts"] else {},
            row["arguments"],
        )
        for row in rows.mappings()
    ]


@dataclass(frozen=True)
class RoundArguments:
    """One round of a crawl, enough to create its spider."""

    id: int
    spider: str
    identity: str
    arguments: str


def rounds_of(connection: Connection, wanted: str | None) -> list[RoundArguments]:
    """All rounds, oldest first, or the one that is wanted (see ``find_crawl``)."""
    if wanted is not None:
        found = find_crawl(connection, wanted)
        return (
            [RoundArguments(found["id"], found["spider"], found["identity"], found["arguments"])]
            if found
            else []
        )
    rows = connection.execute(
        select(crawls.c.id, crawls.c.spider, crawls.c.identity, crawls.c.arguments).order_by(crawls.c.id)
    )
    return [RoundArguments(row.id, row.spider, row.identity, row.arguments) for row in rows.all()]


def find_crawl(connection: Connection, wanted: str | None) -> RowMapping | None:
    """The crawl with this id, name, identity or spider name (its latest round); else the latest of all."""
    query = select(crawls).order_by(crawls.c.id.desc()).limit(1)
    if wanted is None:
        return connection.execute(query).mappings().one_or_none()
    if wanted.isascii() and wanted.isdigit() and len(wanted) < MAX_DIGITS:
        found = connection.execute(query.where(crawls.c.id == int(wanted))).mappings().one_or_none()
        if found is not None:
            return found
    for column in (crawls.c.name, crawls.c.identity, crawls.c.spider):
        found = connection.execute(query.where(column == wanted)).mappings().one_or_none()
        if found is not None:
            return found
    return None
