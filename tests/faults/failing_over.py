"""Crawls whose PostgreSQL server is lost, and replaced by one that did not get the last of it."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.faults.going_back import HELD, QUERY
from tests.faults.server import Server
from tests.faults.trials import Trial
from tests.support.crawling import Place, Run, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox

PAGES, PACE = 12, "75/1s"
"""Some 370 requests in five seconds: longer than what is lost."""
KINDS = ("standby", "snapshot")
"""A standby that is promoted (a new timeline), or an older copy of the disk (the same timeline)."""


def failover_trial(
    folder: Path, sandbox: RunningSandbox, server: Server, seed: int, kind: str, workers: int = 1
) -> Trial:
    """One crawl under a failover that loses its last transactions."""
    dice = random.Random(seed)
    sandbox.reset()
    name = server.create()
    place = Place(folder, sandbox.url, server.url(name))
    truth = Truth.of_search(sandbox.oracle, QUERY, PAGES)
    trial = Trial(f"{kind}, {workers} workers, seed {seed}")
    began = time.monotonic()
    standby = server.standby() if kind == "standby" else None
    feeds = [folder / f"out{number}.jsonl" for number in range(workers)]

    def start(feed: Path) -> Run:
        return place.crawl(query=QUERY, pages=PAGES, feed=feed.name, TV_QUOTA=PACE, TV_LEASE_SECONDS=5)

    first = int(dice.uniform(0.01, 0.5) * truth.requests)
    sandbox.hold(after=first)
    runs = [start(feed) for feed in feeds]
    try:
        until(lambda: sandbox.waiting)
        copy = server.snapshot() if standby is None else None
        if standby is not None:
            server.cut_off(standby)
        sandbox.hold(after=truth.requests - 1)  # it runs on, but not to its end
        written = first + HELD * workers  # what was asked beyond that tells of transactions
        until(lambda: sandbox.counters["requests"] > written)
        lost = dice.uniform(0.0, 1.0)
        time.sleep(lost)
        if standby is not None:
            server.fail_over(standby)
        elif copy is not None:
            server.restore(copy)
        sandbox.release()
        trial.landed.append(f"lost {lost:.1f} s after {written} requests")
        codes = [run.wait() for run in runs]
        trial.requests = sandbox.counters["requests"]
        trial.landed += [f"exit {code}" for code in codes]
        opened = sum("opened again" in run.text for run in runs)
        trial.landed.append(f"{opened} opened again")
        trial.flaws += [f"exit code {run.wait()}: {run.line}" for run in runs if run.wait() != 0]
        flaws = flaws_of_database(server.url(name), truth) + flaws_of_feeds(feeds, truth)
        trial.silent = bool(flaws) and not trial.flaws
        trial.flaws += flaws
        audit = place.scrapy("audit")
        if audit.wait() != 0:
            trial.flaws.append(f"the audit does not close: {audit.line}")
    finally:
        place.clear()
        server.drop(name)
    trial.seconds = time.monotonic() - began
    return trial
