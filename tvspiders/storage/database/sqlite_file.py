"""The file of a SQLite database, to notice when it is replaced or written over.

It is known by device and inode, and by a number in its head (``user_version``) that each transaction
raises: copying an older state over the file takes the number back.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError

from tvspiders.errors import DatabaseChanged, StorageProblem

FILE = "tv_file"
"""Key of the ``SqliteFile`` in an engine's execution options, and of the open file in a connection's info."""
REPLACEMENT_SECONDS = 10.0
"""How long to wait for a file that is being put in place."""
DAMAGE_ADVICE = "restore a backup or name another file"
"""What helps with a damaged file."""
QUIET_SECONDS = 0.3
"""A file counts as complete when it was not written for so long."""

MAX_CHECKED_BYTES = 256 * 2**20
"""Files up to this size are checked at the end of a run, which takes less than a second."""

Identity = tuple[int, int]
"""Device and inode."""


class _Seen:
    """Numbers of a file that this process has seen."""

    def __init__(self) -> None:
        self.committed = 0
        """The highest one that was committed."""
        self.in_file = 0
        """The highest one in the file itself, without its log."""
        self.log_is_left = False
        """Whether it was written over while its log was in use, which belongs to another state now."""


class SqliteFile:
    """Notices that the path leads to another file than the connections have open, or to none.

    SQLite would go on writing to the deleted file, and all that would be lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._uri = f"{self.path.as_uri()}?mode=ro&immutable=1"
        self._known: Identity | None = None
        """The file that is the database: the first one that was connected to."""
        self._log: Identity | None = None
        """The write-ahead log of that file."""
        with _FILES_LOCK:
            self._seen: _Seen = next((file._seen for file in _FILES if file.path == self.path), _Seen())
            """Shared by all engines of this process on the file, since a commit of each may empty the log."""
            _FILES.add(self)

    def connect(self, **options: Any) -> sqlite3.Connection:
        """A connection to the known file; never creates one."""
        if self._known is None:
            self._known = _identity(self.path)
        self.require()
        connection: sqlite3.Connection = sqlite3.connect(f"{self.path.as_uri()}?mode=rw", uri=True, **options)
        try:
            self.require()
        except DatabaseChanged:
            connection.close()
            raise
        return connection

    def is_connected_to(self, identity: Identity) -> bool:
        """Whether connections of this engine were made to the file."""
        return self._known == identity

    def require(self) -> None:
        """Raises ``DatabaseChanged`` unless the path still leads to the known file."""
        if _identity(self.path) != self._known:
            raise DatabaseChanged(f"database {self.path} was {self._what()} while it was in use")

    def raise_number(self, connection: Connection) -> int:
        """Raise the number in the head, first in a transaction that writes.

        Raises ``DatabaseChanged`` when it is lower than this process has left it.
        """
        number = int(_plainly(connection, "PRAGMA user_version")[0][0])
        if number < self._seen.committed:
            raise DatabaseChanged(f"database {self.path} went back to an older state while it was in use")
        if _identity(self._beside("-wal")) is None:
            self._seen.in_file = max(self._seen.in_file, number)
        _plainly(connection, f"PRAGMA user_version = {number + 1}")
        return number + 1

    def require_not_overwritten(self) -> None:
        """Raises ``DatabaseChanged`` when the file holds an older state than it has held.

        Asked before a commit, which could mix the two states.
        """
        if self._number_in_file() < self._seen.in_file:
            self._seen.log_is_left = _identity(self._beside("-wal")) is not None
            raise DatabaseChanged(f"database {self.path} was written over while it was in use")

    def committed(self, number: int) -> None:
        """Note the numbers, and which write-ahead log belongs to the file, after a write."""
        self._seen.committed = max(self._seen.committed, number)
        self._log = _identity(self._beside("-wal"))
        if self._log is not None:  # the commit may have emptied it into the file
            self._seen.in_file = max(self._seen.in_file, self._number_in_file())

    def watch(self, engine: Engine) -> None:
        """Check the file whenever a connection is taken from the pool."""

        @event.listens_for(engine, "connect")
        def connected(_: Any, record: Any) -> None:
            record.info[FILE] = self._known

        @event.listens_for(engine, "checkout")
        def taken(_: Any, record: Any, __: Any) -> None:
            if record.info.get(FILE) != self._known:
                raise DisconnectionError
            self.require()

    def take_new(
        self, patience: float = REPLACEMENT_SECONDS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Take the file at the path as the database, once it is complete.

        Raises ``StorageProblem`` when there is none, or one with the log of another state beside it.
        """
        if self._seen.log_is_left:
            raise StorageProblem(
                f"database {self.path} was written over while it was in use, as cp does, and does not fit "
                f"its log; remove it with {self.path.name}-wal and {self.path.name}-shm, restore a backup, "
                "and the same command goes on from there"
            )
        deadline, last, since = time.monotonic() + patience, None, 0.0
        while True:
            now, seen = time.monotonic(), _look(self.path)
            if seen != last:
                last, since = seen, now
            there = seen is not None and seen[2] > 0
            if there and now - since >= QUIET_SECONDS:
                break
            if now >= deadline:
                if there:  # others write to it
                    break
                what = "is empty" if seen else "was deleted or moved away"
                raise StorageProblem(
                    f"database {self.path} {what}; restore a backup, and the same command goes on from there"
                )
            sleep(0.05)
        self._drop_old_log()
        self.follow()

    def follow(self) -> None:
        """Take the file at the path, in whatever state it is."""
        self._known = _identity(self.path)
        self._seen.committed = self._seen.in_file = 0

    def _number_in_file(self) -> int:
        try:
            with contextlib.closing(sqlite3.connect(self._uri, uri=True)) as alone:
                # While another process empties the log into it, the file is shorter than its head says
                alone.execute("PRAGMA writable_schema = ON")
                return int(alone.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.Error:  # it is being written over, or gone: ``require`` says which
            return 0

    def _drop_old_log(self) -> None:
        """Remove the old file's log beside the new file: SQLite would apply it, and damage both."""
        log = self._beside("-wal")
        if self._known not in (None, _identity(self.path)) and self._log is not None:
            if _identity(log) == self._log:
                for path in (log, self._beside("-shm")):
                    with contextlib.suppress(FileNotFoundError):
                        path.unlink()
            self._log = None

    def _beside(self, end: str) -> Path:
        real = self.path.resolve()  # SQLite looks for journals beside the file itself, not beside a link
        return real.with_name(real.name + end)

    def _what(self) -> str:
        return "replaced" if self.path.exists() else "deleted or moved away"


_FILES: weakref.WeakSet[SqliteFile] = weakref.WeakSet()
"""Files of the engines of this process."""
_FILES_LOCK = threading.Lock()


def in_use(path: Path) -> bool:
    """Whether this process may have connections to the file.

    Then only SQLite may open it: to close any descriptor of a file ends all POSIX locks that the process
    holds on it, and another process writes at the same time, or deletes the write-ahead log.
    """
    identity = _identity(path)
    with _FILES_LOCK:
        return identity is not None and any(file.is_connected_to(identity) for file in _FILES)


def file_of(engine: Engine) -> SqliteFile | None:
    """The ``SqliteFile`` of an engine; ``None`` for other databases, and for files that are only read."""
    found: SqliteFile | None = engine.get_execution_options().get(FILE)
    return found


def require_sound(connection: Connection) -> None:
    """Raises ``StorageProblem`` for a damaged SQLite file that is small enough to be checked.

    Something may have overwritten it, as ``cp`` does, between two transactions.
    """
    if connection.dialect.name != "sqlite":
        return
    pages, size = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
    )
    if pages * size > MAX_CHECKED_BYTES:
        return
    said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    if said != "ok":
        name = connection.engine.url.database
        raise StorageProblem(f"database {name} is damaged ({' '.join(said.split())}); {DAMAGE_ADVICE}")


def _plainly(connection: Connection, statement: str) -> Sequence[Any]:
    """Rows of a statement that each transaction runs, at a tenth of what SQLAlchemy takes for it."""
    try:
        return connection.connection.driver_connection.execute(statement).fetchall()  # type: ignore[union-attr,no-any-return]
    except sqlite3.Error:
        return connection.exec_driver_sql(
            statement
        ).all()  # fails in the same way, with the error that callers know


def follow_file(engine: Engine) -> None:
    """Use the SQLite file that is at the path now."""
    file = file_of(engine)
    if file is not None:
        file.follow()


def _identity(path: Path) -> Identity | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _look(path: Path) -> tuple[int, int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
