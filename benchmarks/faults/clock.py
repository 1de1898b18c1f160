"""Set the clocks under running crawls, and put their computer to sleep.

    python -m benchmarks.faults clock                # every change, one and two workers, three rounds
    python -m benchmarks.faults clock --rounds 1

Each trial is a real ``scrapy crawl`` over a sandbox that keeps its quota by the real clock, spoils a tenth of
its answers, and has windows on the clock or from the first request by turns. In the middle of the crawl the
computer's clock, the clock of the PostgreSQL server or both are set, or the computer sleeps. Exit code 1 if
anything is lost, doubled or wrong, if the crawl pauses for more than five seconds afterwards, if an attempt
is charged for nothing, or if the quota is exceeded.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.faults.clock_trials import Change, Outcome, clock_trial
from tests.faults.server import Server

STEPS = (-3600.0, 3600.0, -1200.0, 1200.0)
SLEEP = 90.0
ON_SQLITE = [*(Change(step=step) for step in STEPS), Change(sleep=SLEEP)]
ON_POSTGRESQL = [
    *(Change(step=step) for step in STEPS),
    *(Change(server_step=step) for step in STEPS),
    *(Change(step=step, server_step=step) for step in STEPS),
    Change(sleep=SLEEP),
    Change(sleep=SLEEP, server_step=SLEEP),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be asked."""
    parser.add_argument("--rounds", type=int, default=3, help="how often each change is tried")
    parser.add_argument("--workers", type=int, default=2, help="workers on PostgreSQL")


def run(asked: argparse.Namespace) -> int:
    """Try everything and print what came of it."""
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="tvspiders-clock-") as folder:
        for name, outcome in _trials(Path(folder), asked):
            print(f"{name}: {outcome}", flush=True)
            outcomes[f"{name}: {outcome.change}"].append(outcome)
    print("\n| crawl, change | trials | longest pause | 429 | attempts charged | flaws |")
    print("|---|---|---|---|---|---|")
    for name, tried in outcomes.items():
        print(
            f"| {name} | {len(tried)} | {max(each.longest for each in tried):.1f} s | "
            f"{sum(each.limited for each in tried)} | {sum(each.charged for each in tried)} | "
            f"{sum(len(each.flaws) + any(each.codes) for each in tried)} |"
        )
    return 0 if all(each.fine for tried in outcomes.values() for each in tried) else 1


def _trials(folder: Path, asked: argparse.Namespace) -> Iterator[tuple[str, Outcome]]:
    server = Server()
    try:
        for number in range(asked.rounds):
            align = ("clock", "first")[number % 2]
            for place, change in enumerate(ON_SQLITE):
                yield "SQLite", clock_trial(folder / f"s{number}-{place}", change, align=align)
            for place, change in enumerate(ON_POSTGRESQL):
                name = server.create()
                trial = folder / f"p{number}-{place}"
                yield (
                    f"PostgreSQL, {asked.workers} workers",
                    clock_trial(trial, change, server.url(name), asked.workers, align=align),
                )
                server.drop(name)
    finally:
        server.close()
