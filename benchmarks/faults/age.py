"""Crawl a site whose answers are older than what is stored, and see what is kept of them.

    python -m benchmarks.faults age                       # each kind with five seeds, about 15 minutes
    python -m benchmarks.faults age --kinds stale --seeds 1

A round is stored; then a second one meets copies of a cache, a replica that lags, likes that are taken
back, or a correction of the site, also killed or shared by three workers. Everything stored, each
snapshot and each line of the feed is compared with the truth, and requests with the least there can be.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.aged import AgeTrial, age_trial
from tests.faults.server import Server
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running

Begin = Callable[[RunningSandbox], None]


def nothing(sandbox: RunningSandbox) -> None:
    """An honest world."""


def stale(sandbox: RunningSandbox) -> None:
    """Copies of the day before, when today is stored."""
    sandbox.front.faults.set("stale", 0.008)


def lag_once(sandbox: RunningSandbox) -> None:
    """Some subjects five days behind for their first answer."""
    sandbox.front.past.set(0.008, 5, 1)


def lag(sandbox: RunningSandbox) -> None:
    """Some subjects five days behind, for as long as the round takes."""
    sandbox.front.past.set(0.004, 5, 0)


def catch_up(sandbox: RunningSandbox) -> None:
    """The end of it."""
    sandbox.front.past.set(0, 0, 0)


def correct(sandbox: RunningSandbox) -> None:
    """The site sets back the dates of some things, and the downloads of one of them."""
    things = sandbox.oracle.search("box")["visible"][:3]
    for thing in things:
        sandbox.front.correct(thing, {"modified": "2009-01-01T00:00:00+00:00"})
    views = sandbox.oracle.thing(things[0])["view_count"] + 1
    sandbox.front.correct(things[0], {"download_count": 1, "view_count": views})


@dataclass(frozen=True)
class Kind:
    """A fault, and how a crawl meets it."""

    begin: Begin = nothing
    config: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    killed: bool = False
    workers: int = 1


KINDS = {
    "honest": Kind(given={"share": 0.0}),
    "falling": Kind(config={"falling": 0.2}, given={"share": 0.0}),
    "stale": Kind(stale, given={"days": 0}),
    "lag-once": Kind(lag_once, {"falling": 0.2}),
    "lag-round": Kind(lag, given={"pages": 34, "heals": True, "end": catch_up}),
    "correct": Kind(correct),
    "stale-killed": Kind(stale, given={"days": 0}, killed=True),
    "lag-killed": Kind(lag_once, {"falling": 0.2}, killed=True),
    "lag-workers": Kind(lag_once, {"falling": 0.2}, workers=3),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which kinds, and how often."""
    parser.add_argument(
        "--kinds", type=lambda text: text.split(","), default=list(KINDS), help=", ".join(KINDS)
    )
    parser.add_argument("--seeds", type=int, default=5, help="of each kind")
    parser.add_argument("--first-seed", type=int, default=1)


def run(asked: argparse.Namespace) -> int:
    """Run the trials, print the table."""
    if unknown := set(asked.kinds) - KINDS.keys():
        print(f"there is no kind {', '.join(sorted(unknown))}; accepted: {', '.join(KINDS)}", file=sys.stderr)
        return 2
    table: list[str] = []
    flaws = 0
    with ExitStack() as stack:
        server: Server | None = None
        for name in asked.kinds:
            if KINDS[name].workers > 1 and server is None:
                server = Server()
                stack.callback(server.close)
            seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
            trials = [_trial(name, seed, server) for seed in seeds]
            table.append(_row(name, trials))
            flaws += sum(bool(trial.flaws) for trial in trials)
    print("| kind | rounds | kills | least requests | extra | pages refused | rounds with a flaw |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(table))
    return 1 if flaws else 0


def _trial(name: str, seed: int, server: Server | None) -> AgeTrial:
    kind = KINDS[name]
    config = SandboxConfig(seed=seed, day=10, max_age=1, **kind.config)
    given = dict(kind.given)
    with tempfile.TemporaryDirectory(prefix="tvspiders-age-") as folder, running(config) as sandbox:
        database = server.create() if server is not None and kind.workers > 1 else None
        if server is not None and database is not None:
            given |= {"database": server.url(database), "workers": kind.workers}
        if kind.killed:
            given["kill"] = random.Random(seed)
        trial = age_trial(Path(folder) / "crawl", sandbox, kind.begin, name=f"{name}, seed {seed}", **given)
        if server is not None and database is not None:
            server.drop(database)
    note = "; ".join(flaw[:300] for flaw in trial.flaws[:3]) or "nothing old kept"
    print(
        f"  {trial.name}: {trial.extra} extra of {trial.requests}, {trial.refused} refused, "
        f"{trial.seconds:.0f} s: {note}",
        file=sys.stderr,
        flush=True,
    )
    return trial


def _row(name: str, trials: list[AgeTrial]) -> str:
    def total(what: str) -> int:
        return sum(getattr(trial, what) for trial in trials)

    return (
        f"| {name} | {len(trials)} | {total('kills')} | {total('requests')} | {total('extra')} | "
        f"{total('refused')} | {sum(bool(trial.flaws) for trial in trials)} |"
    )
