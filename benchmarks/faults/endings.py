"""End crawls without their database, and read what they say.

    python -m benchmarks.faults endings             # each kind once, a few minutes
    python -m benchmarks.faults endings --times 5

The trials are those of the tests, in their long form: a full disk, a failing one, a locked file, a server
that is away, a table that is taken away, a database that a newer program upgrades. Exit code 1 if one says
what it cannot know.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRIALS = ("tests/faults/test_endings.py", "tests/faults/test_schema_moves.py")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How often."""
    parser.add_argument("--times", type=int, default=1, help="how often each kind is tried (once)")


def run(asked: argparse.Namespace) -> int:
    """Try, print, and say whether every ending was as it should be."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        *TRIALS,
        "-m",
        "",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "-q",
        "-rs",
    ]
    codes = [subprocess.run(command, cwd=ROOT, check=False).returncode for _ in range(asked.times)]
    print(f"{codes.count(0)} of {len(codes)} rounds of trials ended as they should")
    return int(any(codes))
