"""Join Scrapyd's jobs with the ledger's state of their crawls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tvspiders.console.usage import plain_database
from tvspiders.errors import NoDatabase
from tvspiders.extensions.progress.text import duration
from tvspiders.extras.scheduling.due import identity_in, moment
from tvspiders.extras.scheduling.scrapyd import FINISHED, PENDING, RUNNING, Listed
from tvspiders.storage.database.reading import open_for_reading
from tvspiders.storage.queue import leases
from tvspiders.storage.queue.crawls import RUNNING as UNFINISHED
from tvspiders.storage.queue.crawls import RoundState, round_states

ENDS = ("done", "gone", "parked", "quarantined")
SLACK = timedelta(seconds=1)
"""Scrapyd's clock and the crawl's are read one after the other."""


@dataclass(frozen=True)
class Seen:
    """A job with the round of the crawl that it worked on, where that is known."""

    job: Listed
    round: RoundState | None
    counts: Mapping[str, int]

    @property
    def died(self) -> bool:
        """Whether Scrapyd saw it end and the ledger did not."""
        return self.job.state == FINISHED and self.round is not None and self.round.verdict == UNFINISHED

    def document(self) -> dict[str, Any]:
        """For ``--format json``."""
        job, found = self.job, self.round
        crawl = None
        if found is not None:
            crawl = {
                "id": found.id,
                "round": found.round,
                "arguments": json.loads(found.arguments),
                "verdict": found.verdict,
                "reason": found.reason,
                "started_at": found.started_at,
                "ended_at": found.ended_at,
                "counts": dict(self.counts),
            }
        return {
            "job": job.id,
            "spider": job.spider,
            "state": job.state,
            "pid": job.pid,
            "started_at": _iso(job.started),
            "ended_at": _iso(job.ended),
            "seconds": _seconds(job),
            "log": job.log,
            "died": self.died,
            "crawl": crawl,
        }


def look(url: str, jobs: Iterable[Listed], last: int) -> tuple[list[Seen], str]:
    """The newest jobs with their crawls; the text says so where there is no database here.

    Raises ``StorageProblem`` for one that cannot be read.
    """
    order = {RUNNING: 0, PENDING: 1, FINISHED: 2}
    newest = [*jobs]
    newest.reverse()
    newest.sort(key=lambda job: order[job.state])
    del newest[last:]
    try:
        with plain_database(), open_for_reading(url) as connection:
            return [_seen(connection, job) for job in newest], ""
    except NoDatabase as error:
        return [Seen(job, None, {}) for job in newest], str(error)


def _seen(connection: Any, job: Listed) -> Seen:
    identity = identity_in(job.id, job.spider)
    rounds = round_states(connection, identity) if identity is not None and job.state != PENDING else []
    until = (job.ended or datetime.now(UTC)) + SLACK
    begun = [found for found in rounds if (began := moment(found.started_at)) and began <= until]
    if not begun:
        return Seen(job, None, {})
    found = begun[-1]
    counts = found.counts or leases.counts(connection, found.id)
    return Seen(job, found, counts)


def print_jobs(seen: Iterable[Seen], title: str, console: Console) -> None:
    """A table of jobs; requests are those of the round: finished of all known."""
    table = Table(title=escape(title), title_justify="left")
    table.add_column("job", overflow="fold")
    table.add_column("Scrapyd", no_wrap=True)
    table.add_column("began (UTC)", width=10)  # date and time on two lines where that spares room
    table.add_column("took", justify="right", min_width=6)
    table.add_column("crawl, round", justify="right", min_width=5)
    table.add_column("requests", justify="right", min_width=8)
    table.add_column("verdict", overflow="fold")
    for item in seen:
        job, found = item.job, item.round
        seconds = _seconds(job)
        table.add_row(
            escape(job.id),
            job.state,
            f"{job.started:%Y-%m-%d %H:%M:%S}" if job.started else "",
            duration(seconds) if seconds is not None else "",
            f"{found.id}, {found.round}" if found else "-",
            _requests(item.counts) if found else "-",
            escape(_verdict(item)),
        )
    console.print(table)


def _verdict(item: Seen) -> str:
    if item.round is None:
        return "-"
    if item.died:
        return "died; the next schedule goes on"
    reason = item.round.reason
    return f"{item.round.verdict}: {reason}" if reason else item.round.verdict


def _requests(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.get(state, 0) for state in ENDS):,} of {sum(counts.values()):,}"


def _seconds(job: Listed) -> float | None:
    if job.started is None:
        return None
    return round(((job.ended or datetime.now(UTC)) - job.started).total_seconds(), 3)


def _iso(when: datetime | None) -> str | None:
    return when.isoformat(timespec="milliseconds") if when else None
