"""A sequence number for each worker of a crawl, raised by each of its transactions.

A process that finds another number than it wrote last, or no row, is connected
to another database than before: one restored from a backup, or a standby that
had not received the last transactions.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from tvspiders.storage.database.upserts import insert_for
from tvspiders.storage.tables import crawl_workers, crawls

_IDENTITY = text(
    "SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || "
    "left(pg_walfile_name(pg_current_wal_lsn()), 8)"
)
"""A PostgreSQL server's system identifier, and its timeline: each failover begins one."""
IDENTITY = "tv_identity"
"""Key in a connection's ``info``: which server it leads to; empty where the server does not say."""


def enter(connection: Connection, crawl_id: int, owner: str) -> None:
    """Add a worker's row."""
    row = {"crawl_id": crawl_id, "owner": owner, "turn": 0}
    connection.execute(insert_for(connection, crawl_workers).values(row).on_conflict_do_nothing())


def leave(connection: Connection, crawl_id: int, owner: str) -> None:
    """Remove the row of a worker that ends."""
    mine = (crawl_workers.c.crawl_id == crawl_id, crawl_workers.c.owner == owner)
    connection.execute(delete(crawl_workers).where(*mine))


def forget_dead(connection: Connection, crawl_id: int, identity: str, alone: bool) -> None:
    """Remove rows of workers that died in earlier rounds; in this one, too, when we are ``alone``."""
    rounds = select(crawls.c.id).where(crawls.c.identity == identity)
    if not alone:
        rounds = rounds.where(crawls.c.id != crawl_id)
    connection.execute(delete(crawl_workers).where(crawl_workers.c.crawl_id.in_(rounds)))


@cache
def _next() -> Any:
    mine = crawl_workers.c
    statement = update(crawl_workers).where(
        mine.crawl_id == bindparam("of_crawl"), mine.owner == bindparam("of_owner")
    )
    return statement.values(turn=mine.turn + 1).returning(mine.turn)


def next_number(connection: Connection, crawl_id: int, owner: str) -> int | None:
    """Raise a worker's number; returns it, ``None`` when the database does not know the worker."""
    values = {"of_crawl": crawl_id, "of_owner": owner}
    found: int | None = connection.execute(_next(), values).scalar_one_or_none()
    return found


def server_identity(connection: Connection) -> str:
    """System identifier and timeline of a PostgreSQL server, asked once for each connection.

    Empty where the server does not say (some hosted ones do not), and on SQLite, where the file is
    checked instead (see ``SqliteFile``).
    """
    if connection.dialect.name != "postgresql":
        return ""
    known: str | None = connection.info.get(IDENTITY)
    if known is None:
        try:
            with connection.begin_nested():
                known = str(connection.execute(_IDENTITY).scalar_one())
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            known = ""
        connection.info[IDENTITY] = known
    return known
