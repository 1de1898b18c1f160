"""Commands as people type them, in a folder of their own, against a sandbox in this process."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvspiders.sandbox.running import RunningSandbox

ROOT = Path(__file__).parents[2]
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


class Launcher:
    """Starts commands from an interpreter that is warm already."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(Path(__file__).with_name("zygote.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, **order: Any) -> dict[str, Any]:
        """Run one command to its end."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def stop(self) -> None:
        """No more commands."""
        self._process.communicate(timeout=60)


class Shell:
    """A folder with ``scrapy.cfg``, an environment, and the commands in it."""

    def __init__(self, launcher: Launcher, folder: Path, sandbox: RunningSandbox) -> None:
        self._launcher = launcher
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
        with self._streams() as (out, err):
            ended = self._launcher.run(
                argv=argv,
                folder=str(self.folder),
                environment=self._merged(environment),
                out=str(output or out),
                err=str(err),
            )
            said = "" if output else out.read_text()
            return Ended(ended["code"], said, err.read_text(), ended["seconds"])

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

    @contextmanager
    def _streams(self) -> Iterator[tuple[Path, Path]]:
        paths = self.folder / ".out", self.folder / ".err"
        try:
            yield paths
        finally:
            for path in paths:
                path.unlink(missing_ok=True)
