"""Lists with odd pages, rows that move, no total and no Link, and a kill, in all mixtures.

    python -m benchmarks.faults lists                # 120 crawls
    python -m benchmarks.faults lists --crawls 12

Exit code 1 if a row that was there from start to end is neither stored nor in doubt, or more is asked than
allowed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.faults.lists import SPIDERS, Case, mixtures, tried


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many."""
    parser.add_argument("--crawls", type=int, default=120)


def run(asked: argparse.Namespace) -> int:
    """Try each, and say what came of it."""
    undisturbed = [Case(spider) for spider in SPIDERS]
    hidden = [Case(spider, hidden=True) for spider in SPIDERS]
    cases = [*undisturbed, *hidden, *mixtures(max(0, asked.crawls - 10))][: asked.crawls]
    flawed = complete = partial = 0
    worst = 0.0
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="tvspiders-lists-") as folder:
            result = tried(case, Path(folder) / "crawl")
        complete += result.code == 0
        partial += result.code == 3
        worst = max(worst, result.ratio)
        flawed += bool(result.flaws)
        print(
            f"{case}: exit code {result.code}, {result.lost} lost, {result.doubtful} in doubt, "
            f"{result.ratio:.3f} times the least pages" + "".join(f"; FLAW: {flaw}" for flaw in result.flaws),
            flush=True,
        )
    sums = f"{complete} complete, {partial} partial, {flawed} flawed, worst {worst:.3f} times"
    print(f"{len(cases)} crawls: {sums}")
    return 1 if flawed else 0
