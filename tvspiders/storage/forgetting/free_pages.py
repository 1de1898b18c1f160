"""Wipe what deleted rows leave in a database's files."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, Engine

LOCK_TIMEOUT_SECONDS = 60
"""How long to wait for a table that others use, and for transactions of others to end."""
POLL_SECONDS = 0.05
LEFT_IN_POSTGRESQL = (
    "PostgreSQL's write-ahead log until it is recycled, its archive, and replicas; where this role does not "
    "own the database, old samples in pg_statistic until they are overwritten"
)
LEFT_IN_SQLITE = "freed blocks of the disk and snapshots of its file system"


_WRITING = (
    "SELECT virtualtransaction FROM pg_locks "
    "WHERE locktype = 'transactionid' AND granted AND pid IS DISTINCT FROM pg_backend_pid()"
)
"""Transactions of all databases: while one of them lasts, new snapshots reach back to it."""
_READING = (
    "SELECT virtualtransaction FROM pg_locks LEFT JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'virtualxid' AND granted AND pid <> pg_backend_pid() "
    "AND coalesce(datname, current_database()) = current_database()"
)


def wipe_free_pages(engine: Engine, tables: Sequence[str]) -> bool:
    """Rewrite the database without what deleted rows left; ``tables`` are those that were changed.

    Returns whether nothing is left: on SQLite a reader may hold the write-ahead log open, on
    PostgreSQL a transaction of another session may still see the deleted rows. On PostgreSQL
    each of the tables is locked while it is rewritten.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return _rewrite(connection, tables)
    with engine.connect().execution_options(tv_pragma=True) as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    return not busy


def _rewrite(connection: Connection, tables: Sequence[str]) -> bool:
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
    deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
    unseen = _wait_for_transactions(connection, deadline)
    for name in tables:
        connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{name}"')
    if tables:  # the planner's samples of the columns: deleted rows of this one hold names, too
        unseen = _wait_for_transactions(connection, deadline) and unseen
        connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")
    return unseen


def _wait_for_transactions(connection: Connection, deadline: float) -> bool:
    """Wait until no transaction is left that may see what was deleted; VACUUM keeps that.

    Autovacuum's are such, too. Returns ``False`` where one is left at the deadline.
    """
    for running in (_WRITING, _READING):
        began = set(connection.exec_driver_sql(running).scalars())
        while began & set(connection.exec_driver_sql(running).scalars()):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
    return True
