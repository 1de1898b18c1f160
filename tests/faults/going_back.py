"""Crawls whose database goes back in time, or is another one, while they run."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path

from tests.faults.trials import Trial
from tests.support.crawling import Place, Run, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox

QUERY, PAGES = "box", 8
"""Some 240 things: two seconds of asking."""
PACE = "120/1s"
"""Slow enough that a fault meets the crawl while it asks."""
HELD = 16 + 32
"""Requests in flight and one batch."""


def backup(database: Path, copy: Path) -> None:
    """A good copy of a SQLite database that is being written."""
    with closing(sqlite3.connect(database, timeout=60)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=delete")


def put(copy: Path, database: Path) -> None:
    """Put a file into the place of the database, as ``mv`` does."""
    shutil.copy(copy, copy.with_suffix(".new"))
    os.replace(copy.with_suffix(".new"), database)


class SqliteTrial:
    """One crawl on SQLite, and what is done to its file."""

    def __init__(self, folder: Path, sandbox: RunningSandbox, seed: int, journal: str) -> None:
        self.dice = random.Random(seed)
        self.sandbox = sandbox
        sandbox.reset()
        self.home = folder
        self.place = Place(folder, sandbox.url, TV_SQLITE_JOURNAL=journal)
        self.data = folder / "data"
        self.data.mkdir()
        self.database = self.data / "x.db"
        self.place.environment["DATABASE_URL"] = f"sqlite:///{self.database}"
        self.feed = self.data / "out.jsonl"
        self.truth = Truth.of_search(sandbox.oracle, QUERY, PAGES)

    @cached_property
    def run(self) -> Run:
        """Started when it is first asked for."""
        return self.start()

    def start(self) -> Run:
        return self.place.crawl(query=QUERY, pages=PAGES, feed=str(self.feed), TV_QUOTA=PACE)

    def asked(self, share: float) -> None:
        """Wait until so much was asked, in this life of the crawl or an earlier one; there it stands."""
        number = int(share * self.truth.requests)
        self.sandbox.hold(after=number)
        run = self.run
        until(lambda: self.sandbox.counters["requests"] > number or not run.alive)

    def go_on(self) -> None:
        """Let it run on, but not come to its end before the fault."""
        self.sandbox.hold(after=self.truth.requests - 1)

    # -- the faults --------------------------------------------------------------------------------

    def older(self) -> None:
        """An older backup of the same crawl, put in place by renaming."""
        self._back(put)

    def copied_over(self) -> None:
        """The same, written over the file."""
        self._back(lambda copy, database: shutil.copyfile(copy, database))

    def by_sqlite(self) -> None:
        """The same, restored by SQLite itself into the file in use."""

        def restore(copy: Path, database: Path) -> None:
            with (
                closing(sqlite3.connect(copy)) as source,
                closing(sqlite3.connect(database, timeout=60)) as to,
            ):
                source.backup(to)

        self._back(restore)

    def removed_first(self) -> None:
        """The old file is removed with what lies beside it, and a moment later the backup is there."""

        def restore(copy: Path, database: Path) -> None:
            for end in ("", "-wal", "-shm", "-journal"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(f"{database}{end}")
            time.sleep(self.dice.uniform(0.0, 1.0))
            shutil.copyfile(copy, database)

        self._back(restore)

    def newer(self) -> None:
        """An older backup, and when the crawl has gone on from there, the newer state again."""
        first = self.dice.uniform(0.1, 0.4)
        old, new = self.home / "old.db", self.home / "new.db"
        self.asked(first)
        backup(self.database, old)
        self.asked(first + 0.3)
        backup(self.database, new)
        put(old, self.database)
        self.asked(first + 0.3 + self.dice.uniform(0.05, 0.45))  # less than what is asked anew
        put(new, self.database)

    def folder_replaced(self) -> None:
        """The whole folder, with database and feed, is another one with an older state."""
        first = self.dice.uniform(0.1, 0.5)
        copy = self.home / "copy"
        self.asked(first)
        copy.mkdir()
        shutil.copyfile(self.feed, copy / "out.jsonl")
        backup(self.database, copy / "x.db")
        self.asked(first + self.dice.uniform(0.05, 0.4))
        self.go_on()
        self.data.rename(self.home / "away")
        copy.rename(self.data)

    def folder_gone(self) -> None:
        """The folder is moved away, and nothing takes its place."""
        self.asked(self.dice.uniform(0.1, 0.9))
        self.go_on()
        self.data.rename(self.home / "away")
        self.data.mkdir()

    def deleted(self) -> None:
        self.asked(self.dice.uniform(0.1, 0.9))
        self.go_on()
        self.database.unlink()

    def emptied(self) -> None:
        self._another(b"")

    def foreign(self) -> None:
        """Another program's database."""
        other = self.home / "foreign.db"
        with closing(sqlite3.connect(other)) as connection:
            connection.execute("CREATE TABLE notes (text)")
            connection.commit()
        self._another(other.read_bytes())

    def no_database(self) -> None:
        self._another(b"Dear diary, today nothing happened.\n" * 40)

    def of_another_crawl(self) -> None:
        """A database of ours that knows another crawl."""
        other = Place(self.home / "other", self.sandbox.url)
        other.crawl(query="gear", pages=1, feed=None).wait()
        self.sandbox.reset()
        self._another((self.home / "other" / "x.db").read_bytes())

    def _another(self, content: bytes) -> None:
        self.asked(self.dice.uniform(0.1, 0.9))
        copy = self.home / "another.db"
        copy.write_bytes(content)
        self.go_on()
        put(copy, self.database)

    def _back(self, restore: Callable[[Path, Path], object]) -> None:
        first = self.dice.uniform(0.05, 0.5)
        copy = self.home / "copy.db"
        self.asked(first)
        backup(self.database, copy)
        self.asked(first + self.dice.uniform(0.05, 0.4))
        self.go_on()
        restore(copy, self.database)


SURVIVED = ("older", "by_sqlite", "removed_first", "newer", "folder_replaced")
"""Faults that the running command survives."""
EITHER = ("copied_over",)
"""Where it meets a commit the file is damaged; with a write-ahead log it does not fit that."""
ENDED = ("folder_gone", "deleted", "emptied", "foreign", "no_database", "of_another_crawl")
"""Faults that end it, with the cause."""
CAUSES: Mapping[str, tuple[str, ...]] = {
    "copied_over": ("is damaged", "does not fit its log"),
    "folder_gone": ("deleted or moved away",),
    "deleted": ("deleted or moved away",),
    "emptied": ("empty",),
    "foreign": ("empty", "another program", "foreign", "replaced by one"),
    "no_database": ("not a database",),
    "of_another_crawl": ("replaced by one that does not know this crawl",),
}


def sqlite_trial(
    folder: Path, sandbox: RunningSandbox, seed: int, kind: str, journal: str, mend: bool = True
) -> Trial:
    """One crawl with one fault: nothing may be lost, doubled or said wrongly, nor once it is mended."""
    crawl = SqliteTrial(folder, sandbox, seed, journal)
    trial = Trial(f"{kind}, {journal}, seed {seed}")
    began = time.monotonic()
    try:
        getattr(crawl, kind)()
        sandbox.release()
        code = crawl.run.wait()
        trial.landed.append(f"exit {code}")
        trial.requests = sandbox.counters["requests"]
        trial.flaws += [f"no ending: {crawl.run.text[-600:]}"] if "Traceback" in crawl.run.text else []
        if code == 0:
            trial.flaws += _flaws(crawl)
            trial.silent = bool(trial.flaws)
            if kind in ENDED:
                trial.flaws.append("the command went on")
        elif kind in SURVIVED:
            trial.flaws.append(f"exit code {code}: {crawl.run.line}")
        elif code != 1 or not any(cause in crawl.run.line for cause in CAUSES[kind]):
            trial.flaws.append(f"exit code {code} without the cause: {crawl.run.line}")
        if mend and not trial.flaws and code != 0:
            trial.flaws += _mended(crawl, kind)
    finally:
        crawl.place.clear()
    trial.seconds = time.monotonic() - began
    return trial


def _flaws(crawl: SqliteTrial) -> list[str]:
    flaws = flaws_of_database(crawl.place.environment["DATABASE_URL"], crawl.truth)
    flaws += flaws_of_feeds([crawl.feed], crawl.truth)
    audit = crawl.place.scrapy("audit")
    if audit.wait() != 0:
        flaws.append(f"the audit does not close: {audit.line}")
    return flaws


def _mended(crawl: SqliteTrial, kind: str) -> list[str]:
    """Once nothing wrong is there any more, the same command brings everything."""
    for end in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{crawl.database}{end}")
    for lock in crawl.data.glob("x.db.*.lock"):
        lock.unlink()
    crawl.run = crawl.start()
    code = crawl.run.wait()
    return _flaws(crawl) if code == 0 else [f"after {kind}, exit code {code}: {crawl.run.line}"]


def told(trial: Trial) -> None:
    """Print what became of one crawl."""
    note = "; ".join(trial.flaws) or "nothing lost, doubled or said wrongly"
    what = f"{trial.requests} requests, {trial.seconds:.1f} s"
    print(f"{trial.name}: {', '.join(trial.landed)}, {what}: {note}", flush=True)
