"""Rows with which processes share the quota of a token.

The key is a salted hash of the token, never the token. The state is JSON of the
policies; here it is text that one writer at a time changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tvspiders.errors import DatabaseChanged, StorageProblem, StoreBusy
from tvspiders.storage.database.errors import DatabaseError, classify, is_damage
from tvspiders.storage.database.schema import complaint, one_line, transaction
from tvspiders.storage.database.upserts import changed, insert_for
from tvspiders.storage.database.url import database_name
from tvspiders.storage.tables import quota_windows

Change = Callable[[str | None, float], tuple[str, int]]
"""From the stored text (``None`` at first) and the database's time to the new text and epoch."""
T = TypeVar("T")
MAX_OPEN_SECONDS = 5.0
"""After these PostgreSQL ends the transaction of a process that was suspended in it, and frees the row."""


def change_row(
    engine: Engine,
    token: str,
    change: Change,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> float:
    """Change one token's row under its lock; returns the database's time minus ``clock``'s.

    On PostgreSQL the time is the server's; on SQLite, which serves one computer, its ``wall`` time.
    """

    def work() -> float:
        # a holder whose computer died must not block us longer than this
        with transaction(engine, MAX_OPEN_SECONDS, lock_timeout=2, statement_timeout=5) as connection:
            state = _lock(connection, token)
            before = clock()
            now = _now(connection, wall)
            offset = now - (before + clock()) / 2
            changed, epoch = change(state, now)
            _write(connection, token, state is None, {"state": changed, "epoch": epoch, "updated_at": now})
            return offset

    return _guarded(engine, work)


def read_epoch(engine: Engine, token: str) -> int:
    """Epoch of one token's row, 0 where there is none; takes no lock."""

    def work() -> int:
        with engine.connect() as connection:
            query = select(quota_windows.c.epoch).where(quota_windows.c.token == token)
            return connection.execute(query).scalar_one_or_none() or 0

    return _guarded(engine, work)


def _lock(connection: Connection, token: str) -> str | None:
    query = select(quota_windows.c.state).where(quota_windows.c.token == token).with_for_update()
    state = connection.execute(query).scalar_one_or_none()
    if state is None and connection.dialect.name == "postgresql":
        # a missing row cannot be locked: another process may be about to write it
        name = func.hashtextextended(token, 0)
        connection.execute(select(func.pg_advisory_xact_lock(name)))
        state = connection.execute(query).scalar_one_or_none()
    return state


def _now(connection: Connection, wall: Callable[[], float]) -> float:
    if connection.dialect.name == "postgresql":
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
    return wall()


def _write(connection: Connection, token: str, new: bool, values: dict[str, str | int | float]) -> None:
    if new:
        connection.execute(insert_for(connection, quota_windows).values(token=token, **values))
    else:
        statement = update(quota_windows).where(quota_windows.c.token == token).values(**values)
        changed(1, connection.execute(statement))


def _guarded(engine: Engine, work: Callable[[], T]) -> T:
    try:
        return work()
    except DatabaseChanged as error:  # the ledger notices it, too, and decides about the crawl
        raise StoreBusy(str(error)) from None
    except PoolTimeout:
        name = database_name(engine.url)
        raise StoreBusy(f"all connections to database {name} are in use") from None
    except DBAPIError as error:
        # a file that is being overwritten looks damaged; the ledger finds out
        if classify(error) in (DatabaseError.WAIT, DatabaseError.FULL) or is_damage(error):
            name = database_name(engine.url)
            raise StoreBusy(f"database {name} does not answer ({one_line(error)[:200]})") from None
        raise StorageProblem(complaint(engine, error)) from None
