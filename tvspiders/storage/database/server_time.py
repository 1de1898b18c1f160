"""The clock that all share who use one database: the server's, or this process's own.

On PostgreSQL it is the server's. A crawl on SQLite belongs to one process, which has its own: the wall clock
at its start, and from then on the monotonic clock.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, bindparam, cast, extract, func

from tvspiders.steady_clock import steady

SERVER_TIME = cast(extract("epoch", func.clock_timestamp()), Float)
"""Seconds since 1970 by the clock of PostgreSQL, which all workers share."""
_BEGAN = time.time() - steady()


def process_time() -> float:
    """Seconds since 1970 that do not jump when the computer's clock is set."""
    return _BEGAN + steady()


def shared_time(dialect: str) -> ColumnElement[float]:
    """Seconds since 1970 in a cached statement; :func:`shared_moment` gives its parameter."""
    return SERVER_TIME if dialect == "postgresql" else bindparam("shared_now", type_=Float)


def shared_moment(connection: Connection) -> dict[str, Any]:
    """Parameters for a statement with :func:`shared_time`."""
    return {} if connection.dialect.name == "postgresql" else {"shared_now": process_time()}
