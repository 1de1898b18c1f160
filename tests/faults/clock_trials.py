"""Crawls whose clocks are set, and whose computer sleeps, while they run."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.faults.clocks import Clocks, ServerClock
from tests.support.crawling import Place, until
from tests.support.truth import Truth, flaws_of_database
from tvspiders.sandbox.config import Quota, SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running
from tvspiders.storage.database.url import parse_url

WITHIN = 25.0
"""Seconds in which a crawl must be on its way again: sooner than what got lost is given up (30 s)."""
SHORT: dict[str, Any] = {
    "TV_QUOTA": "60/3s",
    "TV_QUOTA_SPREAD": False,
    "TV_RETRY_BASE": 1,
    "TV_RETRY_CAP": 2,
    "TV_LEASE_SECONDS": 4,
}


@dataclass(frozen=True)
class Change:
    """What is done to the clocks, in seconds."""

    step: float = 0.0
    server_step: float = 0.0
    sleep: float = 0.0

    def __str__(self) -> str:
        named = {"set by": self.step, "server set by": self.server_step, "asleep for": self.sleep}
        return ", ".join(f"{what} {seconds:+.0f} s" for what, seconds in named.items() if seconds)


@dataclass
class Outcome:
    """What became of one crawl."""

    change: Change
    codes: list[int] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    longest: float = 0.0
    """Seconds between two requests after the change, at most."""
    limited: int = 0
    """429s."""
    charged: int = 0
    """Attempts counted beyond the answers that were spoilt."""
    text: str = ""

    @property
    def fine(self) -> bool:
        return (
            not self.flaws
            and set(self.codes) == {0}
            and self.longest <= WITHIN
            and not self.limited
            and not self.charged
        )

    def __str__(self) -> str:
        said = "; ".join(self.flaws[:3])
        return (
            f"{self.change}: exit {self.codes}, longest pause {self.longest:.1f} s, {self.limited} x 429, "
            f"{self.charged} attempts charged{': ' + said if said else ''}"
        )


def clock_trial(
    folder: Path,
    change: Change,
    database: str | None = None,
    workers: int = 1,
    pages: int = 6,
    after: int = 60,
    align: str = "clock",
    spoilt: float = 0.1,
) -> Outcome:
    """Change the clocks ``after`` so many requests of a crawl, and see what becomes of it."""
    config = SandboxConfig(latency=300, jitter=50, rate_500=spoilt, quota=Quota(60, 3.0), quota_align=align)
    with running(config) as sandbox:
        clocks = Clocks(folder / "clocks")
        place = Place(folder / "crawl", sandbox.url, database)
        clocks.rule(place)
        server = ServerClock(database) if database and change.server_step else None
        try:
            return _trial(place, sandbox, clocks, server, change, workers, pages, after)
        finally:
            place.clear()


def _trial(
    place: Place,
    sandbox: RunningSandbox,
    clocks: Clocks,
    server: ServerClock | None,
    change: Change,
    workers: int,
    pages: int,
    after: int,
) -> Outcome:
    sandbox.hold(after=after)
    runs = [place.crawl(pages=pages, feed=f"out{n}.jsonl", **SHORT) for n in range(workers)]
    until(lambda: sandbox.waiting)
    if change.sleep:
        clocks.sleep(change.sleep, *runs)
        sandbox.front.limiter.reset()  # the API was awake all the time
    if change.step:
        clocks.set(change.step)
    if server is not None:
        server.set(change.server_step)
    changed = time.time()
    sandbox.release()
    outcome = Outcome(change, [run.wait() for run in runs], text="\n".join(run.text for run in runs))
    truth = Truth.of_search(sandbox.oracle, "box", pages)
    counted = sandbox.counters
    outcome.flaws = flaws_of_database(place.database, truth)
    outcome.longest = longest_pause(sandbox, changed)
    outcome.limited = sum(counted["limited_by_token"].values())
    outcome.charged = max(0, attempts(place.database) - counted["by_fault"].get("500", 0))
    return outcome


def longest_pause(sandbox: RunningSandbox, changed: float) -> float:
    """Seconds between two requests after that moment, at most."""
    moments = [changed, *(entry.t for entry in sandbox.journal if entry.t > changed)]
    return max((late - early for early, late in pairwise(moments)), default=0.0)


def attempts(database: str) -> int:
    """Attempts that all requests together are charged."""
    engine = create_engine(parse_url(database), poolclass=NullPool)
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT coalesce(sum(attempts), 0) FROM requests")).scalar_one())
