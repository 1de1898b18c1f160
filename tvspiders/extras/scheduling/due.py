"""Decide whether a job is due, from Scrapyd's list and the crawl's rounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tvspiders.extras.scheduling.scrapyd import FINISHED, Listed
from tvspiders.storage.queue.crawls import COMPLETE, PARTIAL, PAUSED


@dataclass(frozen=True)
class Ended:
    """How a run of the crawl ended, from the database or a log."""

    verdict: str
    began: datetime
    """When the round began, or the period of the job that ended it, whichever is later."""
    at: datetime
    goes_on: bool
    """Whether the same command would continue the round."""


@dataclass(frozen=True)
class Decision:
    """The decision about a job, and its reason."""

    send: bool
    why: str


def crawl_prefix(spider: str, identity: str) -> str:
    """Prefix of the job ids of one crawl."""
    return f"{spider}-{identity}-"


def identity_in(job: str, spider: str) -> str | None:
    """The crawl's identity in a job's id, ``None`` in one that was not made here.

    >>> identity_in("things-0123456789abcdef0123-20261121T000000Z", "things")
    '0123456789abcdef0123'
    """
    identity, _, rest = job.removeprefix(f"{spider}-").partition("-")
    hexadecimal = len(identity) == 20 and all(sign in "0123456789abcdef" for sign in identity)
    return identity if rest and hexadecimal and job.startswith(f"{spider}-") else None


def moment(text: str | None) -> datetime | None:
    """A time as the database writes it."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def decide(
    prefix: str, listed: Iterable[Listed], ends: Iterable[Ended], since: datetime | None, budget: bool
) -> Decision:
    """Send unless the crawl is pending, running, or finished in this period.

    ``since`` is the beginning of the period, ``None`` without one: then only what is pending or runs counts.
    ``budget`` says that the job has a ``max_requests``: pausing at its end is then all that was asked.
    A round of an earlier period that ends in this one does not count: this period's is due all the same.
    """
    for job in listed:
        if job.state != FINISHED and job.id.startswith(prefix):
            return Decision(False, f"{job.state} as {job.id}")
    before: Ended | None = None
    for ended in ends:
        if since is None or ended.at < since:
            continue
        whole = ended.verdict == COMPLETE or (ended.verdict == PARTIAL and not ended.goes_on)
        if (whole and ended.began >= since) or (ended.verdict == PAUSED and budget):
            return Decision(False, f"done in this period ({ended.verdict} at {ended.at:%Y-%m-%d %H:%M} UTC)")
        if not whole:
            before = ended
    return Decision(True, f"goes on after {before.verdict}" if before else "")
