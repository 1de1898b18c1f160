"""Check a database file that replaced another one during a crawl."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.errors import DatabaseError, classify, is_damage
from tvspiders.storage.database.schema import damaged, one_line, read_version
from tvspiders.storage.database.sqlite_file import REPLACEMENT_SECONDS, file_of
from tvspiders.storage.tables import crawls


def take_new_file(
    engine: Engine, patience: float = REPLACEMENT_SECONDS, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Take the file at a SQLite database's path as the database, once it is complete.

    Raises ``StorageProblem`` when there is none, or it is damaged.
    """
    file = file_of(engine)
    if file is None:
        return
    deadline = time.monotonic() + patience
    while True:
        file.take_new(max(0.0, deadline - time.monotonic()), sleep)
        try:
            found = _flaw(engine)
        except DBAPIError as error:
            if not is_damage(error) and classify(error) is not DatabaseError.WAIT:
                raise StorageProblem(f"database cannot be used: {one_line(error)}") from None
            found = damaged(engine, error)
        if found is None:
            return
        engine.dispose()
        if time.monotonic() >= deadline:
            raise StorageProblem(found)
        sleep(0.2)


def require_crawl(connection: Connection, identity: str) -> None:
    """Raises ``StorageProblem`` for a database without our tables, and for a file without this crawl.

    A server that lost the first second of a crawl does not know it, and gets it again.
    """
    name = connection.engine.url.database
    if read_version(connection) is None:
        raise StorageProblem(
            f"the database {name} that is there now is empty; restore a backup, or run the same command again"
        )
    if connection.dialect.name != "sqlite":
        return
    if connection.execute(select(crawls.c.id).where(crawls.c.identity == identity).limit(1)).first() is None:
        raise StorageProblem(
            f"the database {name} was replaced by one that does not know this crawl; "
            "put the right one there, or run the same command again to begin it in this one"
        )


def _flaw(engine: Engine) -> str | None:
    with engine.connect() as connection:
        said = " ".join(str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()).split())
    if said == "ok":
        return None
    return f"database {engine.url.database} is damaged ({said}); restore a backup or name another file"
