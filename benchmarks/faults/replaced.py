"""The file of a SQLite database, or its folder, is another one under a running crawl.

python -m benchmarks.faults replaced --seeds 5
python -m benchmarks.faults replaced --journals wal --seeds 1
"""

from __future__ import annotations

import argparse

from benchmarks import sqlite_file
from benchmarks.sqlite_file import run as run

KINDS = ("folder_replaced", "emptied", "foreign", "no_database", "of_another_crawl")
"""See ``tests/faults/going_back.py``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which kinds, and how often."""
    sqlite_file.add_arguments(parser, KINDS)
