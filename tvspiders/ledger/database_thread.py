"""Transactions in a thread of their own, so that no lock ever stops the event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from tvspiders.storage.engine import writing
from tvspiders.storage.schema import one_line
from tvspiders.storage.trouble import Trouble, trouble_of

logger = logging.getLogger(__name__)
T = TypeVar("T")


class DatabaseThread:
    """Runs one transaction at a time and waits out a database that is locked, restarting or away."""

    LONGEST_PAUSE = 2.0
    """Seconds between two tries at most; the shutdown waits for one of them."""
    COMPLAIN_EVERY = 60.0
    """Seconds between two log lines about the same outage."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.give_up_at: float | None = None
        """Moment (monotonic) after which waiting ends, set when the crawl must end."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="tvspiders-database")

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Run a job in a transaction; raises what the database raised when waiting cannot help."""
        pause, complained = 0.05, -self.COMPLAIN_EVERY
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._executor, self._transact, job)
            except Exception as error:
                if trouble_of(error) is not Trouble.WAIT or self._tired():
                    raise
                now = time.monotonic()
                if now - complained >= self.COMPLAIN_EVERY and pause > 0.5:
                    complained = now
                    logger.warning("Waiting for the database: %s", one_line(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.LONGEST_PAUSE)

    def close(self) -> None:
        """Let go of the thread and its connections; a statement that hangs is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self.engine.dispose()

    def _transact(self, job: Callable[[Connection], T]) -> T:
        with writing(self.engine) as connection:
            return job(connection)

    def _tired(self) -> bool:
        return self.give_up_at is not None and time.monotonic() >= self.give_up_at
