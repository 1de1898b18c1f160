"""What deleted rows leave behind in a database's files, and how it goes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

PATIENCE = 60
"""Seconds for which a table is waited for that others use."""
LEFT_IN_POSTGRESQL = (
    "PostgreSQL's write-ahead log until it is recycled, its archive, and replicas; where this role does not "
    "own the database, old samples in pg_statistic until they are overwritten"
)
LEFT_IN_SQLITE = "freed blocks of the disk and snapshots of its file system"


def wipe_free_pages(engine: Engine, tables: Sequence[str]) -> bool:
    """Write the database anew without what deleted rows left; ``tables`` are those that were changed.

    Returns whether SQLite's write-ahead log is empty, too: a program that reads just now keeps it. On
    PostgreSQL each of the tables is closed to others while it is written.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"SET lock_timeout = '{PATIENCE}s'")
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
