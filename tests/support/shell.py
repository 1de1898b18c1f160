"""Commands as people type them, in a folder of their own, against a sandbox in this process."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.starting import ROOT, run
from tvspiders.sandbox.running import RunningSandbox

__all__ = ["ROOT"]
TOKEN = "s3cret-token-of-nobody"
APP_TOKEN = "app-token-of-nobody"
"""May only read."""
FAST = ("-s", "TV_QUOTA=100000/1s", "-s", "TV_QUOTA_SPREAD=False")
"""A quota that is not felt."""
OURS = ("THINGIVERSE", "DATABASE_URL", "TV_", "SCRAPY", "PYTHONWARNINGS", "COLUMNS")


@dataclass(frozen=True)
class Ended:
    """A command that ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def last(self) -> str:
        """The last line that the user sees."""
        return self.err.rstrip("\n").rpartition("\n")[2]


class Shell:
    """A folder with ``scrapy.cfg``, an environment, and the commands in it."""

    def __init__(self, folder: Path, sandbox: RunningSandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.database = folder / "thingiverse.db"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment = kept | {
            "THINGIVERSE_API_URL": sandbox.url,
            "THINGIVERSE_TOKEN": TOKEN,
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
        }
        shutil.copy(ROOT / "scrapy.cfg", folder)

    def __call__(self, *argv: str, output: Path | None = None, **environment: str | None) -> Ended:
        """``scrapy ARGV``; a variable that is ``None`` is not set. ``output``: where its output goes."""
        began = time.monotonic()
        path = output or self.folder / ".out"  # there others can read along
        with path.open("wb") as stream:
            ended = run(
                ["-W", "error", "-m", "scrapy", *argv], self.folder, self._merged(environment), stream
            )
        took = time.monotonic() - began
        said = "" if output else path.read_text()
        if not output:
            path.unlink()
        return Ended(ended.returncode, said, ended.stderr, took)

    def process(self, *argv: str, typing: bool = False, **environment: str | None) -> subprocess.Popen[str]:
        """``python -m scrapy ARGV``, started and not waited for; ``typing`` if something will be typed."""
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", *argv],
            cwd=self.folder,
            env=self._merged(environment),
            stdin=subprocess.PIPE if typing else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of the database."""
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def change(self, statement: str, *values: Any) -> None:
        """Change the database behind the program's back."""
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute(statement, values)
        connection.close()

    def _merged(self, environment: dict[str, str | None]) -> dict[str, str]:
        merged = self.environment | environment
        return {name: value for name, value in merged.items() if value is not None}
