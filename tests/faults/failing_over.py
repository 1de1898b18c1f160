"""Crawls whose PostgreSQL server is lost, and replaced by one that did not get the last of it."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.faults.going_back import QUERY
from tests.faults.server import Server
from tests.faults.trials import Trial
from tests.support.crawling import Place, Run, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds, verdict_of
from tvspiders.sandbox.running import RunningSandbox

PAGES, PACE = 12, "75/1s"
"""Some 370 requests in five seconds: longer than what is lost."""
KINDS = ("standby", "snapshot")
"""A standby that is promoted (a new timeline), or an older copy of the disk (the same timeline)."""


def failover_trial(
    folder: Path, sandbox: RunningSandbox, server: Server, seed: int, kind: str, workers: int = 1
) -> Trial:
    """One crawl under a failover that loses up to two seconds."""
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

    runs = [start(feed) for feed in feeds]
    try:
        first = dice.uniform(0.0, 0.5) * truth.requests
        until(lambda: sandbox.counters["requests"] >= first)
        lost = dice.uniform(0.1, 2.0)
        if standby is None:
            copy = server.snapshot()
            time.sleep(lost)
            ended = [number for number, run in enumerate(runs) if not run.alive]
            server.restore(copy)
        else:
            server.cut_off(standby)
            time.sleep(lost)
            ended = [number for number, run in enumerate(runs) if not run.alive]
            server.fail_over(standby)
        trial.landed.append(f"{lost:.1f} s lost")
        codes = [run.wait(240) for run in runs]
        if ended and verdict_of(server.url(name)) != "complete":
            # They had come to their end, and what they wrote last is lost: the same command goes on.
            trial.landed.append(f"{len(ended)} had ended")
            for number in ended:
                runs[number] = start(feeds[number])
                runs[number].wait(240)
        trial.requests = sandbox.counters["requests"]
        trial.landed += [f"exit {code}" for code in codes]
        opened = sum("opened anew" in run.text for run in runs)
        trial.landed.append(f"{opened} opened anew")
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
