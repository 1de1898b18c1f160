"""Transactions in a thread of their own, so that no lock ever stops the event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from tvspiders.errors import DatabaseChanged, StorageProblem
from tvspiders.ledger.writing.worker_watch import WorkerWatch
from tvspiders.storage.database.errors import DatabaseError, classify, is_damage
from tvspiders.storage.database.schema import complaint, one_line, transaction
from tvspiders.storage.database.url import database_name

logger = logging.getLogger(__name__)
T = TypeVar("T")


class DatabaseSilent(StorageProblem):
    """The database did not answer before the crawl had to end (raised by ``DatabaseThread.run``)."""


class DatabaseThread:
    """Runs one transaction at a time and waits out a database that is locked, restarting or away.

    The thread does not hold up the end of the process: a server that hangs
    may keep a statement for ever.
    """

    LONGEST_PAUSE = 2.0
    """Seconds between two tries at most."""
    LOOK_EVERY = 0.1
    """Seconds between two looks at whether the crawl must end, while a transaction runs."""
    GRACE = 0.3
    """Seconds that a transaction gets in any case, also when the crawl must have ended by then."""
    COMPLAIN_EVERY = 60.0
    """Seconds between two log lines about the same outage."""

    def __init__(self, engine: Engine, at_most: float | None = None) -> None:
        self.engine = engine
        self.at_most = at_most
        """Seconds that PostgreSQL lets a transaction be open."""
        self.give_up_at: float | None = None
        """Moment (monotonic) after which waiting ends, set when the crawl must end."""
        self.gave_up = False
        """Whether that moment came while the database was waited for."""
        self.watch: WorkerWatch | None = None
        """Compared and raised by each transaction, once the crawl is open."""
        self._one = asyncio.Lock()
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def run(self, job: Callable[[Connection], T], limited: bool = True) -> T:
        """Run a job in a transaction; raises what the database raised when waiting cannot help.

        A job is tried again until its commit is known, and never done twice: see ``WorkerWatch``.
        ``limited`` false is for a job that may well take minutes.

        Raises ``DatabaseChanged`` when the database is not the one that was written to before.
        """
        watch = self.watch
        async with self._one:
            return await self._patiently(job, watch, self.at_most if limited else None)

    async def _patiently(
        self, job: Callable[[Connection], T], watch: WorkerWatch | None, at_most: float | None
    ) -> T:
        pause, complained = 0.05, -self.COMPLAIN_EVERY
        done: list[T] = []
        while True:
            try:
                return await self.call(partial(self._transact, job, watch, at_most, done))
            except Exception as error:
                waits = isinstance(error, DatabaseSilent) or classify(error) is DatabaseError.WAIT
                if not waits or self._tired():
                    self.gave_up = self.gave_up or waits
                    raise
                now = time.monotonic()
                if now - complained >= self.COMPLAIN_EVERY and pause > 0.5:
                    complained = now
                    name = database_name(self.engine.url)
                    logger.warning("Waiting for database %s: %s", name, one_line(error))
            await asyncio.sleep(min(pause, self._left()))
            pause = min(pause * 2, self.LONGEST_PAUSE)

    def give_up_after(self, seconds: float) -> None:
        """Do not wait for the database longer than this from now; the first call counts."""
        if self.give_up_at is None:
            self.give_up_at = time.monotonic() + seconds

    def line_for(self, error: Exception) -> str:
        """What an error means and what helps, in one line; an unexpected one is logged in full."""
        expected = isinstance(error, StorageProblem) or is_damage(error)
        if not expected and classify(error) not in (DatabaseError.FULL, DatabaseError.WAIT):
            logger.error("Unexpected database error", exc_info=error)
        return complaint(self.engine, error)

    def close(self, wait: float = 0.0) -> None:
        """Let go of the thread and its connections; a hanging statement is waited for that long."""
        self._jobs.put(None)
        if wait and self._thread is not None:
            self._thread.join(wait)
        self.engine.dispose()

    async def call(self, job: Callable[[], T]) -> T:
        """Run a job that makes its own connections; raises ``DatabaseSilent`` once the time is over."""
        future: Future[T] = Future()
        self._jobs.put((future, job))
        if self._thread is None:
            self._thread = Thread(target=self._work, name="tvspiders-database", daemon=True)
            self._thread.start()
        answer = asyncio.wrap_future(future)
        end = time.monotonic() + self.GRACE
        while not (await asyncio.wait({answer}, timeout=self.LOOK_EVERY))[0]:
            if self._tired() and time.monotonic() >= end:
                answer.cancel()
                raise DatabaseSilent(
                    f"database {database_name(self.engine.url)} did not answer in time; "
                    "run the same command again once it does"
                )
        return answer.result()

    def _work(self) -> None:
        while (task := self._jobs.get()) is not None:
            future, job = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job())
            except BaseException as error:
                future.set_exception(error)

    def _transact(
        self, job: Callable[[Connection], T], watch: WorkerWatch | None, at_most: float | None, done: list[T]
    ) -> T:
        """``done`` holds what the try before gave, if it came as far as its commit."""
        if watch is not self.watch:
            raise DatabaseChanged("the crawl is being opened again")
        with transaction(self.engine, at_most) as connection:
            there = watch is not None and watch.begin(connection)
            if not (there and done):
                done[:] = [job(connection)]
            if watch is not None:
                watch.tried()
        if watch is not None:
            watch.committed()
        return done[0]

    def _left(self) -> float:
        return self.LONGEST_PAUSE if self.give_up_at is None else max(0.0, self.give_up_at - time.monotonic())

    def _tired(self) -> bool:
        return self.give_up_at is not None and time.monotonic() >= self.give_up_at
