"""A PostgreSQL server is lost under a running crawl, and what takes its place lacks up to two seconds.

python -m benchmarks.faults failover --seeds 5
python -m benchmarks.faults failover --kinds standby --workers 3
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from tests.faults.failing_over import KINDS, failover_trial
from tests.faults.going_back import told
from tests.faults.server import Server
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import running


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which kinds, and how often."""
    parser.add_argument("--kinds", default=",".join(KINDS), help="with commas")
    parser.add_argument("--workers", default="1,3", help="with commas")
    parser.add_argument("--seeds", type=int, default=5, help="crawls of each kind and number of workers")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--folder", type=Path, help="where crawls run; those with flaws stay")


def run(asked: argparse.Namespace) -> int:
    """Crawl, and compare."""
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="tvspiders-failover-"))
    trials = []
    with running(SandboxConfig(latency=5, jitter=10)) as sandbox:
        for kind in asked.kinds.split(","):
            for workers in map(int, asked.workers.split(",")):
                for seed in range(asked.seed, asked.seed + asked.seeds):
                    place = folder / f"{kind}-{workers}-{seed}"
                    shutil.rmtree(place, ignore_errors=True)
                    with closing(Server()) as server:
                        trials.append(failover_trial(place, sandbox, server, seed, kind, workers))
                    told(trials[-1])
                    if not trials[-1].flaws:
                        shutil.rmtree(place, ignore_errors=True)
    bad = sum(bool(trial.flaws) for trial in trials)
    print(f"{len(trials)} crawls, {bad} with a flaw, {sum(trial.silent for trial in trials)} of them silent")
    if not bad:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if bad else 0
