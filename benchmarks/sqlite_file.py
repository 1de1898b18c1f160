"""What the faults on a SQLite file have in common: crawls of each kind, journal mode and seed, one by one."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults.going_back import sqlite_trial, told
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import running


def add_arguments(parser: argparse.ArgumentParser, kinds: Sequence[str]) -> None:
    """Which kinds, and how often."""
    parser.add_argument("--kinds", default=",".join(kinds), help="with commas")
    parser.add_argument("--journals", default="delete,wal", help="with commas")
    parser.add_argument("--seeds", type=int, default=5, help="crawls of each kind and journal mode")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--folder", type=Path, help="where crawls run; those with flaws stay")


def run(asked: argparse.Namespace) -> int:
    """Crawl, and compare."""
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="tvspiders-file-"))
    trials = []
    with running(SandboxConfig(latency=5, jitter=10)) as sandbox:
        for kind in asked.kinds.split(","):
            for journal in asked.journals.split(","):
                for seed in range(asked.seed, asked.seed + asked.seeds):
                    place = folder / f"{kind}-{journal}-{seed}"
                    shutil.rmtree(place, ignore_errors=True)
                    trials.append(sqlite_trial(place, sandbox, seed, kind, journal))
                    told(trials[-1])
                    if not trials[-1].flaws:
                        shutil.rmtree(place, ignore_errors=True)
    bad = sum(bool(trial.flaws) for trial in trials)
    print(f"{len(trials)} crawls, {bad} with a flaw, {sum(trial.silent for trial in trials)} of them silent")
    if not bad:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if bad else 0
