"""``scrapy webhooks`` as a process, and what it has stored."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[3]


class Receiver:
    """A receiver in a folder of its own; the same address after each start."""

    def __init__(self, folder: Path, *options: str, database: str | None = None) -> None:
        self.folder = folder
        self.options = options
        self.database = database or f"sqlite:///{folder / 'orders.db'}"
        shutil.copy(ROOT / "scrapy.cfg", folder)
        self.start()

    def start(self) -> None:
        """Start, and wait for the address."""
        self.log = (self.folder / "log.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "webhooks", "--port", "0", *self.options],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line.startswith("webhooks listening on "), (line, self.said)
        self.url = line.split()[-1]
        parts = urlsplit(self.url)
        self.host, self.port, self.path = str(parts.hostname), int(parts.port or 0), parts.path

    @property
    def environment(self) -> dict[str, str]:
        """Of the process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("THINGIVERSE")}
        return kept | {"DATABASE_URL": self.database, "PYTHONPATH": str(ROOT)}

    @property
    def said(self) -> str:
        """What it wrote to standard error, over all starts."""
        return (self.folder / "log.txt").read_text(errors="replace")

    @property
    def memory(self) -> float:
        """Resident MB (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, unless it has ended already, and wait; returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(60)
        assert self.process.stdout
        self.process.stdout.close()
        self.log.close()
        return code

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Rows of its SQLite database."""
        with closing(sqlite3.connect(self.folder / "orders.db")) as connection, connection:
            found: list[tuple[object, ...]] = connection.execute(query).fetchall()
        return found
