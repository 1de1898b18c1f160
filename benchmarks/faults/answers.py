"""Crawl through about a thousand faults of every kind, and compare with what is really there.

    python -m benchmarks.faults answers               # about 10,000 requests, 10 % of them spoilt
    python -m benchmarks.faults answers --pages 30    # a short one

A sandbox on loopback spoils so many answers in a hundred, with every fault it knows by
turns. A real ``scrapy crawl`` is started, and the same command again for as long as it says
that something was given up for now. Exit code 1 if anything is lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.support.crawling import Place, Run
from tests.support.truth import PER_PAGE, Truth, flaws_of_database
from tvspiders.sandbox.config import FAULTS, SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running

QUERY = "box"
SHORT: dict[str, Any] = {
    "DOWNLOAD_TIMEOUT": 4,
    "TV_RETRY_BASE": 0.2,
    "TV_RETRY_CAP": 5,
    "TV_BLOCK_PAUSE": 0.3,
    "TV_BLOCK_LIMIT": 20,
}
"""Waits that are shorter than a user's: the faults come a hundred times as fast here."""
MOST_RUNS = 10


def until_complete(place: Place, pages: int) -> list[Run]:
    """Run the same command until it is complete, or ends otherwise than by giving up something for now."""
    runs: list[Run] = []
    while len(runs) < MOST_RUNS:
        runs.append(place.crawl(query=QUERY, pages=pages, **SHORT))
        if runs[-1].wait(3600) != 3:
            break
    return runs


def report(sandbox: RunningSandbox, truth: Truth, runs: list[Run], flaws: list[str], took: float) -> bool:
    """Print what came of it; returns whether all is well."""
    counted = sandbox.counters
    ratio = counted["requests"] / truth.requests
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores")
    print(f"smallest number of requests: {truth.requests}")
    print(f"requests sent: {counted['requests']}, {ratio:.4f} times as many, in {took:.0f} s")
    print(f"faults: {sum(counted['by_fault'].values())}: {counted['by_fault']}")
    print(f"answered properly more than once: {counted['repeated']}")
    for run in runs:
        print(f"exit code {run.wait()}: {run.line}")
    print(
        "; ".join(flaws)
        or f"nothing lost, doubled or wrong: {len(truth.things)} things, "
        f"{len(truth.missing)} gone or hidden, {len(truth.edges)} edges"
    )
    return not flaws and runs[-1].wait() == 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much, and how often."""
    parser.add_argument("--pages", type=int, default=325, help="pages of 30 things to crawl")
    parser.add_argument(
        "--share", type=float, default=0.1, help="share of answers spoilt, all kinds together"
    )
    parser.add_argument("--things", type=int, default=360_000, help="size of the catalogue")


def run(asked: argparse.Namespace) -> int:
    """Run the crawl and compare."""
    rates = {f"rate_{fault}": asked.share / len(FAULTS) for fault in FAULTS}
    config = SandboxConfig(things=asked.things, control=True, **rates)
    with tempfile.TemporaryDirectory(prefix="tvspiders-faults-") as folder, running(config) as sandbox:
        found = len(sandbox.oracle.search(QUERY, limit=asked.pages * PER_PAGE)["ids"])
        pages = -(-found // PER_PAGE)
        truth = Truth.of_search(sandbox.oracle, QUERY, pages)
        place = Place(Path(folder) / "crawl", sandbox.url)
        try:
            began = time.monotonic()
            runs = until_complete(place, pages)
            took = time.monotonic() - began
            flaws = flaws_of_database(place.database, truth)
            return 0 if report(sandbox, truth, runs, flaws, took) else 1
        finally:
            place.clear()
