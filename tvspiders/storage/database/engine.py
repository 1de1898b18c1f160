"""Open the database that ``DATABASE_URL`` names, safely and with private file modes."""

from __future__ import annotations

import glob
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from tvspiders.errors import NoDatabase, StorageProblem
from tvspiders.storage.database.archived import uri_to_read
from tvspiders.storage.database.sqlite_file import FILE, SqliteFile, file_of, in_use
from tvspiders.storage.database.sqlite_file import follow_file as follow_file
from tvspiders.storage.database.url import ACCEPTED, check_driver, parse_url

WAL_SAFE = (3, 51, 3)
"""First SQLite whose write-ahead log survives two writers (release notes of 3.51.3 and 3.53.0)."""
BUSY_SECONDS = 1.0
"""How long SQLite itself waits for a lock; longer waits are retried by the caller, who can be stopped."""
_UNLESS_GIVEN: Mapping[str, Any] = {
    "application_name": "tvspiders",
    "connect_timeout": 2,
    # a lost server or network is noticed within half a minute
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_ALWAYS: Mapping[str, Any] = {
    # whatever PGCLIENTENCODING says
    "client_encoding": "utf8",
    # a pooler gives the next transaction another connection, without our prepared statements
    "prepare_threshold": None,
}
"""Options that no URL overrides."""
DATABASE_CHANGED = object()
"""Scrapy signal: the database went back in time, or is another one; cached state is invalid."""
DATABASE_GIVEN_UP = object()
"""Scrapy signal: the crawl ends because its database cannot be used; stop waiting for it."""


def open_engine(text: str, must_exist: bool = False) -> Engine:
    """Make an engine; a SQLite file is created with mode 0600 unless it ``must_exist``.

    Raises ``StorageProblem`` when the file or its folder cannot be used.
    """
    return _open(text, must_exist, only_read=False)


def open_read_only(text: str) -> Engine:
    """Make an engine that reads a SQLite file in place where it cannot be written.

    For :func:`~tvspiders.storage.database.reading.open_for_reading`, which commands use.
    """
    return _open(text, must_exist=True, only_read=True)


def _open(text: str, must_exist: bool, only_read: bool) -> Engine:
    url = parse_url(text)
    try:
        if url.get_backend_name() == "sqlite":
            if must_exist and url.database and not Path(url.database).exists():
                raise NoDatabase(f"there is no database {url.database}; a crawl makes it")
            return _open_sqlite(url, only_read)
        return _open_postgresql(url)
    except NoSuchModuleError:
        raise StorageProblem(f"no driver for {url.drivername!r} is installed; {ACCEPTED}") from None
    except ArgumentError:
        raise StorageProblem(
            "DATABASE_URL: hosts and ports do not fit together; give each host a port, a number, or all one"
        ) from None


def sqlite_path(engine: Engine) -> Path | None:
    """The file behind a SQLite engine, not a link that leads to it; ``None`` for other databases."""
    if engine.dialect.name != "sqlite":
        return None
    return Path(str(engine.url.database)).resolve()


@contextmanager
def writing(engine: Engine, at_most: float | None = None, **limits: float) -> Iterator[Connection]:
    """A transaction that takes the write lock at once, so that SQLite cannot refuse it half-way.

    PostgreSQL ends one that is open for more than ``at_most`` seconds: a
    suspended process, as on a sleeping laptop, would keep its locks. ``limits`` are other time-outs of
    PostgreSQL for this transaction, in seconds by name.

    Raises ``DatabaseChanged`` when a SQLite file was replaced before or after the commit, or written over.
    """
    file = file_of(engine)
    try:
        with engine.connect().execution_options(tv_write=True) as connection, connection.begin():
            if at_most is not None and connection.dialect.name == "postgresql":
                _limit(connection, at_most, limits)
            number = file.raise_number(connection) if file is not None else 0
            yield connection
            if file is not None:
                file.require()
                file.require_not_overwritten()
    except DBAPIError:
        if file is not None:
            file.require()
        raise
    if file is not None:
        file.require()
        file.committed(number)


def _limit(connection: Connection, at_most: float, limits: Mapping[str, float]) -> None:
    seconds = {"idle_in_transaction_session_timeout": at_most, **limits}
    if (connection.dialect.server_version_info or (0,)) >= (17,):
        seconds["transaction_timeout"] = at_most  # the other does not notice a suspended client in a pipeline
    settings = (func.set_config(name, f"{value * 1000:.0f}", True) for name, value in seconds.items())
    connection.execute(select(*settings))


def _open_postgresql(url: URL) -> Engine:
    check_driver()
    defaults = {name: value for name, value in _UNLESS_GIVEN.items() if name not in url.query}
    engine = create_engine(url, pool_pre_ping=True, connect_args={**defaults, **_ALWAYS})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        encoding = _encoding(connection)
        if encoding != "UTF8":
            name = connection.info.dbname
            connection.close()
            raise StorageProblem(
                f"database {name} has the encoding {encoding}, which does not hold all that people write; "
                "make another and name it in DATABASE_URL: createdb -E UTF8 -T template0 NAME"
            )

    return engine


def _encoding(connection: Any) -> str:
    """The encoding that the server reports on connecting; some poolers leave it out."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding is None:
        (encoding,) = connection.execute("SHOW server_encoding").fetchone()
        connection.rollback()
    return str(encoding)


def _open_sqlite(url: URL, only_read: bool) -> Engine:
    path = url.database
    if not path or path == ":memory:":
        raise StorageProblem(f"DATABASE_URL names no file; {ACCEPTED}")
    options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    archived = None
    if only_read:
        _look_at_file(Path(path), os.O_RDONLY, "read")
        archived = uri_to_read(Path(path))
    if archived is None:
        _look_at_file(Path(path), os.O_RDWR | os.O_CREAT, "written")
        file = SqliteFile(Path(path))
        engine = create_engine(url, creator=partial(file.connect, **options), execution_options={FILE: file})
        file.watch(engine)
    else:
        engine = create_engine(url, creator=partial(sqlite3.connect, archived, uri=True, **options))

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("tv_pragma"):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("tv_write") else "BEGIN")

    return engine


def set_journal_mode(engine: Engine) -> None:
    """Set the journal mode of a SQLite file to ``journal_mode``; it is stored in the file.

    Done once the file is known to be ours, since it changes the file.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(tv_pragma=True) as connection:
            connection.exec_driver_sql(f"PRAGMA journal_mode={journal_mode(sqlite3.sqlite_version_info)}")


def journal_mode(version: tuple[int, ...]) -> str:
    """``WAL`` where this SQLite is safe with two writers, else the old rollback journal.

    ``TV_SQLITE_JOURNAL`` (``wal`` or ``delete``) in the environment overrides it, for tests and for
    files on network drives, where WAL does not work.
    """
    asked = os.environ.get("TV_SQLITE_JOURNAL", "").upper()
    if asked in ("WAL", "DELETE"):
        return asked
    return "WAL" if version >= WAL_SAFE else "DELETE"


def _look_at_file(path: Path, flags: int, use: str) -> None:
    if in_use(path):  # and was looked at
        return
    existed = path.exists()
    try:
        if path.is_dir():  # a folder can be opened for reading
            raise IsADirectoryError
        descriptor = os.open(path, flags, 0o600)
    except IsADirectoryError:
        raise StorageProblem(f"database {path} is a folder; name a file in DATABASE_URL") from None
    except FileNotFoundError:
        raise StorageProblem(f"database {path}: the folder does not exist; make it first") from None
    except OSError as error:
        raise StorageProblem(
            f"database {path} cannot be {use} ({error.strerror}); name another in DATABASE_URL"
        ) from None
    with os.fdopen(descriptor, "rb") as file:
        head = file.read(16)
    if existed and not head and any(path.parent.glob(f"{glob.escape(path.name)}.*.lock")):
        raise StorageProblem(
            f"database {path} is empty, but crawls were run in it; restore a backup, or delete it"
        )
    if head and head != b"SQLite format 3\x00":
        raise StorageProblem(
            f"database {path} is not a SQLite database, or damaged; restore a backup or name another file"
        )
