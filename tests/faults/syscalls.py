"""Kill a small crawl at its Nth durable system call, by strace."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.trials import MOST_REPEATED, Trial
from tests.support.crawling import QUERY, Place
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds, verdict_of
from tvspiders.sandbox.running import RunningSandbox

CALLS = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "rename")
"""What changes a file for good; SQLite's rollback journal commits by ``unlink``."""
PAGES = 1
"""31 requests."""


@dataclass(frozen=True)
class Moment:
    """The Nth of one kind of call in one thread, of a first run or of one that finds its tables made."""

    fresh: bool
    call: str
    number: int


def why_not() -> str | None:
    """Why there can be no sweep here, ``None`` if there can."""
    if not sys.platform.startswith("linux"):
        return "strace runs on Linux only"
    path = shutil.which("strace")
    if path is None:
        return "strace is not installed"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(
            [path, "-f", "-o", f"{folder}/trace", "-e", "inject=fsync:signal=SIGKILL:when=1", "true"],
            capture_output=True,
            text=True,
            check=False,
        )
    return f"strace cannot trace here: {tried.stderr.strip()}" if tried.returncode else None


def moments(folder: Path, sandbox: RunningSandbox, journal: str, step: int) -> Iterator[Moment]:
    """The calls of a first run and of a prepared one: each ``step``-th write, and all others."""
    for fresh in (True, False):
        place = _prepare(folder / f"count-{fresh}", sandbox, journal, fresh)
        trace = place.folder / "trace"
        run = place.crawl(query=QUERY, pages=PAGES, prefix=_strace(place, ["-o", str(trace)]))
        if run.wait(120) != 0:
            raise RuntimeError(run.text[-2000:])
        by_thread = Counter(re.findall(r"^(\d+) +(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE))
        most: Counter[str] = Counter()
        for (_, call), number in by_thread.items():
            most[call] = max(most[call], number)
        for call in CALLS:
            every = step if call == "pwrite64" else max(1, step // 10)
            yield from (Moment(fresh, call, number) for number in range(1, most[call] + 1, every))


def syscall_trial(folder: Path, sandbox: RunningSandbox, moment: Moment, journal: str) -> Trial:
    """Killed at one moment, then the same command again."""
    sandbox.reset()
    truth = Truth.of_search(sandbox.oracle, QUERY, PAGES)
    place = _prepare(folder, sandbox, journal, moment.fresh)
    kind = "first" if moment.fresh else "prepared"
    trial = Trial(f"{kind} run, {journal}, {moment.call} {moment.number}")
    began = time.monotonic()
    inject = f"inject={moment.call}:signal=SIGKILL:when={moment.number}"
    try:
        run = place.crawl(query=QUERY, pages=PAGES, prefix=_strace(place, ["-o", "/dev/null", "-e", inject]))
        code = run.wait(120)
        asked = sandbox.counters["requests"]
        if code in (-signal.SIGKILL, 128 + signal.SIGKILL):
            trial.kills = 1
            trial.landed.append("before" if not asked else "during")
        elif code != 0:
            trial.flaws.append(f"exit code {code}: {run.line}")
        if trial.kills and verdict_of(place.database) == "complete":
            trial.landed[0] = "after"
        elif trial.kills:
            again = place.crawl(query=QUERY, pages=PAGES)
            if again.wait(120) != 0:
                trial.flaws.append(f"exit code {again.wait()}: {again.line}")
        trial.repeated.append(sandbox.counters["duplicates"])
        if trial.repeated[0] > MOST_REPEATED:
            trial.flaws.append(f"{trial.repeated[0]} requests were asked again")
        flaws = flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth)
        trial.silent = bool(flaws) and not trial.flaws
        trial.flaws += flaws
    finally:
        place.clear()
    trial.seconds = time.monotonic() - began
    return trial


def some(found: list[Moment], number: int, seed: int) -> list[Moment]:
    """So many moments, drawn at random."""
    return random.Random(seed).sample(found, min(number, len(found)))


def _prepare(folder: Path, sandbox: RunningSandbox, journal: str, fresh: bool) -> Place:
    from tvspiders.storage.database.engine import open_engine
    from tvspiders.storage.database.schema import prepare_schema

    place = Place(folder, sandbox.url, TV_SQLITE_JOURNAL=journal)
    if not fresh:
        engine = open_engine(place.database)
        prepare_schema(engine)
        engine.dispose()
    return place


def _strace(place: Place, options: list[str]) -> tuple[str, ...]:
    paths = ["x.db", "x.db-journal", "x.db-wal", "out.jsonl"]
    watched = [part for name in paths for part in ("-P", str(place.folder / name))]
    traced = ["-e", f"trace={','.join(CALLS)}"]
    return ("strace", "-f", *watched, *traced, *options)
