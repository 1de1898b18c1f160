"""Classify database errors: transient, disk full, bad row, fatal."""

from __future__ import annotations

import enum

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InvalidRequestError,
    OperationalError,
    StatementError,
)


class DatabaseError(enum.Enum):
    """What to do about a database error."""

    WAIT = "wait"
    """Locked, restarting, unreachable, deadlocked: the same transaction may succeed later."""
    FULL = "full"
    """No space, or the disk refuses writes: stop, and resume once that is repaired."""
    ROW = "row"
    """A value that this database refuses: the row is bad, not the batch."""
    BROKEN = "broken"
    """Damaged file, missing table, a bug: a retry does not help."""


_WAIT_STATES = ("08", "25006", "25P03", "25P04", "40", "53300", "55P03", "57P")
"""25006: the server is read-only, as a standby before it is promoted."""
_FULL_STATES = ("53100", "53200")
_ROW_STATES = ("22", "23", "54000")
"""54000: a value that is too long for an index."""


def classify(error: Exception) -> DatabaseError:
    """The class of an error raised by SQLAlchemy or a driver."""
    if isinstance(error, (DataError, IntegrityError)):
        return DatabaseError.ROW
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or isinstance(error, InterfaceError):
            return DatabaseError.WAIT
        state = getattr(error.orig, "sqlstate", None)
        if state:
            return _of_state(str(state))
        return _of_text(str(error.orig).lower(), isinstance(error, OperationalError), _by_psycopg(error))
    if isinstance(error, (StatementError, OverflowError, UnicodeError, ValueError, TypeError)):
        return DatabaseError.BROKEN if isinstance(error, InvalidRequestError) else DatabaseError.ROW
    return DatabaseError.BROKEN


def is_damage(error: Exception) -> bool:
    """Whether SQLite reports that the file is damaged."""
    text = str(getattr(error, "orig", error)).lower()
    return "malformed" in text or "not a database" in text


def _of_state(state: str) -> DatabaseError:
    if state.startswith(_FULL_STATES):
        return DatabaseError.FULL
    if state.startswith(_WAIT_STATES):
        return DatabaseError.WAIT
    return DatabaseError.ROW if state.startswith(_ROW_STATES) else DatabaseError.BROKEN


def _by_psycopg(error: DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("psycopg")


def _of_text(text: str, operational: bool, psycopg: bool) -> DatabaseError:
    if "binding parameter" in text or "cannot adapt" in text:
        return DatabaseError.ROW
    if psycopg:
        # without a server there is no SQLSTATE
        return DatabaseError.WAIT if operational else DatabaseError.BROKEN
    if "locked" in text or "busy" in text:
        return DatabaseError.WAIT
    if "full" in text or "disk i/o" in text or "readonly" in text or "unable to open" in text:
        return DatabaseError.FULL
    return DatabaseError.BROKEN
