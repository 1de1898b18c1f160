"""Wipe what deleted rows leave in a database's files."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

LOCK_TIMEOUT_SECONDS = 60
"""How long to wait for a table that others use."""
LEFT_IN_POSTGRESQL = (
    "PostgreSQL's write-ahead log until it is recycled, its archive, and replicas; where this role does not "
    "own the database, old samples in pg_statistic until they are overwritten"
)
LEFT_IN_SQLITE = "freed blocks of the disk and snapshots of its file system"


def wipe_free_pages(engine: Engine, tables: Sequence[str]) -> bool:
    """Rewrite the database without what deleted rows left; ``tables`` are those that were changed.

    Returns whether SQLite's write-ahead log is empty, too: a reader may hold it open. On
    PostgreSQL each of the tables is locked while it is rewritten.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            for name in tables:
                connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{name}"')
            if tables:  # the planner's samples of the columns: deleted rows of this one hold names, too
                connection.exec_driver_sql("VACUUM (FULL) pg_catalog.pg_statistic")
        return True
    with engine.connect().execution_options(tv_pragma=True) as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    return not busy
