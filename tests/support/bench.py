"""Crawls as people start them, ``python -m scrapy crawl``, against a sandbox in this process."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.starting import PATIENCE, ROOT, Process, run, start
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running

__all__ = ["ROOT"]


@dataclass
class Ended:
    """A crawl that ended."""

    code: int
    log: str
    items: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Items of one kind from the feed."""
        return [item for item in self.items if item["kind"] == kind]


class Bench:
    """A sandbox, a folder with a database, and crawls over both."""

    def __init__(self, sandbox: RunningSandbox, folder: Path, database: str | None = None) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.database = database or f"sqlite:///{folder / 'crawl.db'}"

    def command(self, spider: str, arguments: dict[str, Any], settings: dict[str, Any]) -> list[str]:
        """What comes after ``python`` on the command line of a crawl."""
        given = {"TV_QUOTA": "100000/1s", "TV_QUOTA_SPREAD": "False"} | settings
        line = ["-m", "scrapy", "crawl", spider]
        line += [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
        return line + [part for name, value in given.items() for part in ("-s", f"{name}={value}")]

    @property
    def environment(self) -> dict[str, str]:
        """Where the crawl finds the sandbox and the database."""
        ours = {
            "THINGIVERSE_API_URL": self.sandbox.url,
            "THINGIVERSE_TOKEN": "sandbox-token",
            "DATABASE_URL": self.database,
            "PYTHONPATH": str(ROOT),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("THINGIVERSE")}
        return kept | ours

    def crawl(
        self, spider: str, settings: dict[str, Any] | None = None, *, feed: bool = False, **arguments: Any
    ) -> Ended:
        """Run to the end."""
        line = self.command(spider, arguments, settings or {})
        path = self.folder / "feed.jsonl"
        if feed:
            path.unlink(missing_ok=True)
            line += ["-o", str(path)]
        ended = run(line, ROOT, self.environment)
        items = [json.loads(text) for text in path.read_text().splitlines()] if feed and path.exists() else []
        return Ended(ended.returncode, ended.stderr, items)

    @contextmanager
    def started(
        self, spider: str, settings: dict[str, Any] | None = None, **arguments: Any
    ) -> Iterator[Process]:
        """A process that nobody waits for; it does not outlive the block."""
        line = self.command(spider, arguments, settings or {})
        with Path(os.devnull).open("wb") as nothing:
            process = start(line, ROOT, self.environment, nothing, nothing)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def kill(self, asked: int, spider: str, settings: dict[str, Any] | None = None, **arguments: Any) -> None:
        """Start, and ``kill -9`` once so many requests were asked in all; it must have more to ask."""
        self.sandbox.hold(after=asked)
        with self.started(spider, settings, **arguments) as process:
            until(lambda: self.sandbox.waiting, process)
            assert process.poll() is None, "it ended before"
        self.sandbox.release()

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of the SQLite database."""
        with closing(sqlite3.connect(self.folder / "crawl.db")) as connection, connection:
            return connection.execute(query, values).fetchall()

    def column(self, query: str, *values: Any) -> list[Any]:
        """First column of the rows."""
        return [row[0] for row in self.rows(query, *values)]

    @property
    def paths(self) -> list[str]:
        """What was asked, in order, with query."""
        return [entry.target for entry in self.sandbox.journal]


def until(condition: Callable[[], object], process: Process) -> None:
    """Wait for something that a process does; it may end instead."""
    end = time.monotonic() + PATIENCE
    while not condition() and process.poll() is None:
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def bench(folder: Path, database: str | None = None, **switches: Any) -> Iterator[Bench]:
    """A bench over a small catalogue, or another with these switches."""
    with running(SandboxConfig(**({"things": 1000} | switches))) as sandbox:
        yield Bench(sandbox, folder, database)
