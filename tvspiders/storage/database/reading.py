"""Open an existing database for reading: the one way in for every command that only reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.engine import open_read_only
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.database.schema import complaint, require_version

SECONDS_BETWEEN_ATTEMPTS = 0.2


@contextmanager
def open_for_reading(
    text: str, patience: float = 60.0, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Connection]:
    """One consistent view of the database at a URL; nothing is created, migrated or written.

    A SQLite file that cannot be written is read in place. Waits ``patience`` seconds for a writer that
    holds the lock.

    Raises ``NoDatabase`` for a file that does not exist, and ``StorageProblem`` when the schema is not
    exactly ours, the database stays locked, or cannot be read.
    """
    deadline = time.monotonic() + patience
    with ExitStack() as stack:
        engine = open_read_only(text)
        stack.callback(engine.dispose)
        while (connection := _begin(engine, stack, time.monotonic() < deadline)) is None:
            sleep(SECONDS_BETWEEN_ATTEMPTS)
        try:
            yield connection
        except DBAPIError as error:
            raise StorageProblem(complaint(engine, error)) from None


def _begin(engine: Engine, stack: ExitStack, patient: bool) -> Connection | None:
    """A transaction that has read, and so holds its view; ``None`` while a writer is in the way."""
    with ExitStack() as attempt:
        try:
            connection = attempt.enter_context(engine.connect())
            if engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            attempt.enter_context(connection.begin())
            require_version(connection)
        except DBAPIError as error:
            if patient and classify(error) is DatabaseError.WAIT:
                return None
            raise StorageProblem(complaint(engine, error)) from None
        stack.push(attempt.pop_all())
        return connection
