"""Read a SQLite file in place that cannot be written, as an archived copy."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from tvspiders.errors import StorageProblem

_JOURNAL_BYTES = slice(18, 20)
"""Where the head of a SQLite file names its journal: twice 2 for a write-ahead log."""


def uri_to_read(path: Path) -> str | None:
    """URI that reads the file without writing anything beside it; ``None`` where it can be written.

    Raises ``StorageProblem`` when what belongs to the file lies in a journal beside it that
    cannot be read from here: the file alone would show an older state, or half of a change.
    """
    path = path.resolve()  # SQLite looks for journals beside the file itself, not beside a link to it
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return None
    uri = f"file:{quote(str(path))}?mode=ro"
    log, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    pending = _size(log) > 0
    if pending and not index.exists():
        raise _pending(path, log)
    if not (pending or (index.exists() and log.exists())) and _has_log(path):
        # not open elsewhere: SQLite would have to create the two files, unless it is immutable
        return f"{uri}&immutable=1"
    journal = log if pending else path.with_name(path.name + "-journal")
    if _size(journal) > 0:
        _try(uri, path, journal)
    return uri


def _try(uri: str, path: Path, journal: Path) -> None:
    connection = sqlite3.connect(uri, uri=True)
    try:
        connection.execute("PRAGMA schema_version").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise _pending(path, journal) from None
    except sqlite3.DatabaseError:
        return  # damage is reported when the schema is read
    finally:
        connection.close()


def _pending(path: Path, journal: Path) -> StorageProblem:
    return StorageProblem(
        f"database {path} cannot be written, and {journal.name} beside it holds changes that must be "
        "worked in first; copy both to a folder that can be written, and name that copy in DATABASE_URL"
    )


def _has_log(path: Path) -> bool:
    with path.open("rb") as file:
        return 2 in file.read(20)[_JOURNAL_BYTES]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
