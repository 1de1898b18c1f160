"""Open the database for commands that only read: nothing is made, nothing is migrated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, collate, or_, select, true
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.database.schema import complaint, require_schema
from tvspiders.storage.database.url import parse_url
from tvspiders.storage.tables import things

BATCH = 20_000
"""Rows taken from a cursor at a time."""

Batches = Iterator[Sequence[Any]]


def open_for_reading(text: str) -> Engine:
    """Make an engine for a database that exists and has our schema.

    Raises ``StorageProblem``, in one line, for anything else.
    """
    url = parse_url(text)
    name = url.database
    if url.get_backend_name() == "sqlite" and name not in (None, "", ":memory:") and not Path(name).exists():
        raise StorageProblem(
            f"database {name} does not exist; name another in DATABASE_URL, or fill it first, "
            "for example with: scrapy crawl things -a query=planters"
        )
    engine = open_engine(text, only_read=True)
    try:
        require_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(
    engine: Engine, patience: float = 60.0, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Connection]:
    """One consistent view of the database; waits ``patience`` seconds for a writer to let go.

    Raises ``StorageProblem`` when it stays locked, cannot be read, or holds no thing yet.
    """
    deadline = time.monotonic() + patience
    with ExitStack() as stack:
        while (connection := _view(engine, stack, time.monotonic() < deadline)) is None:
            sleep(0.2)
        try:
            yield connection
        except DBAPIError as error:
            raise StorageProblem(complaint(engine, error)) from None


def _view(engine: Engine, stack: ExitStack, patient: bool) -> Connection | None:
    """A transaction that has read, and so holds its view; ``None`` while a writer is in the way."""
    with ExitStack() as attempt:
        try:
            connection = attempt.enter_context(engine.connect())
            if engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            attempt.enter_context(connection.begin())
            found = connection.execute(select(things.c.id).limit(1)).first()
        except DBAPIError as error:
            if patient and classify(error) is DatabaseError.WAIT:
                return None
            raise StorageProblem(complaint(engine, error)) from None
        if found is None:
            raise StorageProblem(
                "the database holds no things yet; fill it first, "
                "for example with: scrapy crawl things -a query=planters"
            )
        stack.push(attempt.pop_all())
        return connection


def batches(connection: Connection, query: Select[Any]) -> Batches:
    """The rows of a query, some thousand at a time, without holding them all."""
    yield from connection.execute(query, execution_options={"yield_per": BATCH}).partitions()


def whole_numbers(connection: Connection, query: Select[Any]) -> Batches:
    """The same for columns of whole numbers.

    SQLite's own cursor streams and gives plain tuples, which makes this twice
    as fast there; elsewhere a stream has rows in its buffer already.
    """
    if connection.dialect.name != "sqlite":
        yield from batches(connection, query)
        return
    with connection.execute(query) as result:
        cursor: Any = result.cursor
        while part := cursor.fetchmany(BATCH):
            yield part


def known_by(connection: Connection, moment: ColumnElement[Any], until: str | None) -> ColumnElement[bool]:
    """Whether a row was known before ``until`` (exclusive); a row without a time always was."""
    if until is None:
        return true()
    return or_(moment.is_(None), before(connection, moment, until))


def before(connection: Connection, moment: ColumnElement[Any], until: str | None) -> ColumnElement[bool]:
    """Whether a time is set and lies before ``until``; byte order, whatever the database's collation."""
    if until is None:
        return moment.is_not(None)
    if connection.dialect.name == "postgresql":
        moment = collate(moment, "C")
    return and_(moment.is_not(None), moment < until)
