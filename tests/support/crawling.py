"""Real crawls in processes of their own: started, watched, killed, started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.starting import PATIENCE, ROOT, Process, start

__all__ = ["PATIENCE", "ROOT"]
TOKEN = "kX7-secret/token+of=the.tests"
"""Has characters that base64 and percent-encoding change, so that each form can be looked for."""
QUERY, PAGES = "box", 17
"""A search with more than 500 requests: 17 pages and the 510 things on them."""


class Run:
    """One process of ``scrapy``."""

    def __init__(
        self,
        argv: list[str],
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        prefix: tuple[str, ...] = (),
    ) -> None:
        self.log = log
        self.process: Process
        with log.open("wb") as output:
            if not prefix:
                self.process = start(argv, folder, environment, output, output, session=True)
                return
            self.process = subprocess.Popen(
                [*prefix, sys.executable, *argv],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def text(self) -> str:
        """All that the process has said."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def line(self) -> str:
        """The last line, which says how the run ended."""
        return (self.text.strip().splitlines() or [""])[-1]

    def wait(self, timeout: float = PATIENCE) -> int:
        """Exit code."""
        return self.process.wait(timeout)

    def signal(self, number: int) -> None:
        if self.alive:
            os.kill(self.process.pid, number)

    def kill(self) -> bool:
        """``kill -9``; False when the process had ended by itself."""
        self.signal(signal.SIGKILL)
        return self.process.wait(PATIENCE) == -signal.SIGKILL

    def clear(self) -> None:
        """Leave nothing behind, whatever became of the test."""
        if self.alive:
            self.signal(signal.SIGCONT)
            self.kill()


class Place:
    """A folder in which a crawl is run again and again, with its database and feed."""

    def __init__(self, folder: Path, api_url: str, database: str | None = None, **environment: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "scrapy.cfg", folder)
        self.database = database or f"sqlite:///{folder / 'x.db'}"
        self.feed = folder / "out.jsonl"
        self.runs: list[Run] = []
        kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "COVERAGE_PROCESS_START")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "PYTHONPATH": str(ROOT),
            "THINGIVERSE_API_URL": api_url,
            "THINGIVERSE_TOKEN": TOKEN,
            "DATABASE_URL": self.database,
            **environment,
        }

    def crawl(
        self,
        *options: str,
        query: str = QUERY,
        pages: int | None = PAGES,
        feed: str | None = "out.jsonl",
        prefix: tuple[str, ...] = (),
        **settings: object,
    ) -> Run:
        """Start ``scrapy crawl things``; settings are given with ``-s``."""
        given = {"query": query} | ({"pages": pages} if pages else {})
        return self.spider("things", given, *options, feed=feed, prefix=prefix, **settings)

    def spider(
        self,
        name: str,
        given: Mapping[str, object],
        *options: str,
        feed: str | None = "out.jsonl",
        prefix: tuple[str, ...] = (),
        **settings: object,
    ) -> Run:
        """Start ``scrapy crawl`` with any spider and its arguments."""
        wanted = {"TV_QUOTA": "100000/1s", "LOG_LEVEL": "INFO"} | settings
        arguments = ["crawl", name]
        for argument, value in given.items():
            arguments += ["-a", f"{argument}={value}"]
        arguments += ["-O", feed] if feed else []
        for name, value in wanted.items():
            arguments += ["-s", f"{name}={value}"]
        return self.scrapy(*arguments, *options, prefix=prefix)

    def scrapy(self, *arguments: str, prefix: tuple[str, ...] = ()) -> Run:
        """Start any command; ``prefix`` runs it, in an interpreter of its own."""
        log = self.folder / f"run-{len(self.runs):03}.log"
        self.runs.append(Run(["-m", "scrapy", *arguments], self.folder, self.environment, log, prefix))
        return self.runs[-1]

    def clear(self) -> None:
        for run in self.runs:
            run.clear()


def until(condition: Callable[[], object], timeout: float = PATIENCE) -> None:
    """Wait for something that a process does; fails when it does not come."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.005)
