"""Who may work on a crawl: on SQLite one process, held by a file lock that dies with it."""

from __future__ import annotations

import contextlib
import glob
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import BaseModel
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import CrawlBusy, StorageProblem
from tvspiders.storage.database.engine import sqlite_path
from tvspiders.storage.tables import crawls


def describe_self() -> str:
    """This process, for the person who finds a crawl busy."""
    return f"process {os.getpid()} on {socket.gethostname()}"


class Ownership:
    """The right to work on one crawl of one SQLite file.

    The operating system gives the lock back when a process dies, however it
    dies, so neither a crash nor a reused process id can block a crawl. Other
    databases have leases instead; there this is always granted.
    """

    def __init__(self, engine: Engine, identity: str) -> None:
        self._engine = engine
        self._identity = identity
        self._lock = self._new_lock()
        self._file: os.stat_result | None = None
        """The lock's file, as it was when the lock was taken."""

    def _new_lock(self) -> FileLock | None:
        path = sqlite_path(self._engine)
        return FileLock(lock_path(path, self._identity), mode=0o600, thread_local=False) if path else None

    def take(self) -> None:
        """Raises ``CrawlBusy`` when another living process has the crawl."""
        if self._lock is None:
            return
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise CrawlBusy(
                f"this crawl is already being run by {self._holder()}; wait for it to end"
            ) from None
        except OSError as error:
            raise StorageProblem(
                f"the crawl's lock {self._lock.lock_file} cannot be made ({error.strerror})"
            ) from None
        self._file = os.stat(self._lock.lock_file)

    def take_again(self) -> None:
        """Have the crawl of the file that is there now: with a new folder the lock is another file, too.

        Raises ``CrawlBusy`` when another living process has it.
        """
        if self._lock is None:
            return
        with contextlib.suppress(OSError):
            if self._file is not None and os.path.samestat(self._file, os.stat(self._lock.lock_file)):
                return
        held, self._lock = self._lock, self._new_lock()
        try:
            self.take()
        finally:
            held.release()

    def give_back(self) -> None:
        """Let another process have the crawl."""
        if self._lock is not None:
            self._lock.release()

    def _holder(self) -> str:
        query = (
            select(crawls.c.owner).where(crawls.c.identity == self._identity).order_by(crawls.c.round.desc())
        )
        try:
            with self._engine.connect() as connection:
                return connection.execute(query.limit(1)).scalar() or "another process"
        except DBAPIError:
            return "another process"  # which has just locked the database


def lock_path(database: Path, identity: str) -> Path:
    """The lock file of a crawl, beside the database."""
    return database.with_name(f"{database.name}.{identity}.lock")


@contextlib.contextmanager
def nobody_at_work(database: Path, advice: str) -> Iterator[None]:
    """Hold the lock of every crawl of a SQLite file, so that none is run and none begins again.

    Raises ``StorageProblem``, with what to do about it, while one is being run.
    """
    with contextlib.ExitStack() as held:
        for lock in sorted(database.parent.glob(f"{glob.escape(database.name)}.*.lock")):
            try:
                held.enter_context(FileLock(lock, timeout=0, mode=0o600))
            except Timeout:
                raise StorageProblem(f"a crawl is being run in {database}; {advice}") from None
        yield


def identity_arguments(arguments: BaseModel | None) -> dict[str, Any]:
    """The arguments that say what is crawled, normalised; how much of it at a time does not count."""
    if arguments is None:
        return {}
    return arguments.model_dump(mode="json", exclude={"max_requests", "crawl"}, exclude_none=True)
