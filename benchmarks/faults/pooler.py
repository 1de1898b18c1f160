"""Kill workers that reach PostgreSQL through PgBouncer in transaction mode, and compare with what is there.

    python -m benchmarks.faults pooler               # ten crawls, two workers each, the spiders by turns
    python -m benchmarks.faults pooler --trials 2    # a short one

Each crawl has a database and a pooler of its own, with one to three connections. Exit code 1 if
anything is lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from tests.faults.pooler import PROGRAM, Pooler
from tests.faults.server import Server
from tests.faults.trials import postgresql_trial
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import running

SPIDERS = ("things", "categories", "users", "remixes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many, and which."""
    parser.add_argument("--trials", type=int, default=10, help="crawls (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=2026, help="of the first; the next ones count on")


def run(asked: argparse.Namespace) -> int:
    """Try, print a row for each crawl."""
    if PROGRAM is None:
        print("PgBouncer is not installed")
        return 1
    flawed = kills = 0
    server = Server()
    try:
        with running(SandboxConfig(latency=5, jitter=10)) as sandbox, tempfile.TemporaryDirectory() as folder:
            for seed in range(asked.seed, asked.seed + asked.trials):
                connections = random.Random(seed).randint(1, 3)
                name = server.create()
                pooler = Pooler(server.url(name), connections)
                try:
                    trial = postgresql_trial(
                        Path(folder, str(seed)),
                        sandbox,
                        pooler.url(name),
                        seed,
                        kills=2,
                        span=4.0,
                        workers=2,
                        spider=SPIDERS[seed % len(SPIDERS)],
                    )
                finally:
                    pooler.close()
                    server.drop(name)
                kills += trial.kills
                flawed += bool(trial.flaws)
                said = "; ".join(trial.flaws) or "no flaw"
                print(
                    f"{trial.name}: {connections} connections, {trial.kills} kills, "
                    f"{sum(trial.repeated)} of {trial.requests} requests repeated: {said}",
                    flush=True,
                )
    finally:
        server.close()
    print(f"{asked.trials} crawls, {kills} kills, {flawed} with a flaw")
    return 1 if flawed else 0
