"""A backup of a SQLite database is restored under a running crawl.

python -m benchmarks.faults restored --seeds 5
python -m benchmarks.faults restored --journals wal --seeds 1
"""

from __future__ import annotations

import argparse

from benchmarks import sqlite_file
from benchmarks.sqlite_file import run as run

KINDS = ("older", "copied_over", "by_sqlite", "removed_first", "newer")
"""See ``tests/faults/going_back.py``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which kinds, and how often."""
    sqlite_file.add_arguments(parser, KINDS)
