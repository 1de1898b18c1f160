"""The file of a SQLite database, or its folder, is gone under a running crawl.

python -m benchmarks.faults deleted --seeds 5
python -m benchmarks.faults deleted --journals wal --seeds 1
"""

from __future__ import annotations

import argparse

from benchmarks import sqlite_file
from benchmarks.sqlite_file import run as run

KINDS = ("deleted", "folder_gone")
"""See ``tests/faults/going_back.py``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which kinds, and how often."""
    sqlite_file.add_arguments(parser, KINDS)
