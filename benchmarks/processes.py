"""Run one client in a process of its own, and ask the kernel what it cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "any-token-1"


@dataclass(frozen=True)
class Cost:
    """What a finished process has used."""

    cpu: float
    """Seconds, user and system, of the process and its children."""
    wall: float
    """Seconds from start to end."""
    peak: float
    """Largest resident memory in MB."""


def environment(url: str, database: Path) -> dict[str, str]:
    """What a crawl of the sandbox needs."""
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "THINGIVERSE_API_URL": url,
        "THINGIVERSE_TOKEN": TOKEN,
        "DATABASE_URL": f"sqlite:///{database}",
    }


def run(arguments: Sequence[str], folder: Path, variables: dict[str, str]) -> Cost:
    """Run ``python -m …`` to its end; ends the benchmark when it fails."""
    log = folder / "log.txt"
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=folder, env=variables, stdout=output, stderr=output
        )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{log.read_text(errors='replace')[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024)


def crawl(
    url: str, folder: Path, *arguments: str, spider: tuple[str, ...] = ("things",), **settings: object
) -> Cost:
    """Our own crawl, with a quota that never holds it back; the database is ``x.db`` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text())
    given = {"TV_QUOTA": "100000/1s", "TV_PROGRESS": "off"} | settings
    options = [part for name, value in given.items() for part in ("-s", f"{name}={value}")]
    command = ["scrapy", "crawl", *spider, *arguments, *options]
    return run(command, folder, environment(url, folder / "x.db"))


@contextmanager
def sandbox(things: int = 2_000_000, *options: str) -> Iterator[str]:
    """A sandbox in a process of its own; gives its address."""
    command = [sys.executable, "-m", "scrapy", "sandbox", "--port", "0", "--things", str(things), *options]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://\S+", line)
        if found is None:
            raise SystemExit(f"the sandbox did not start: {line}")
        yield found[0]
    finally:
        process.terminate()
        process.wait(10)
