"""The time that those share who use one database, for what they wait for together.

On PostgreSQL it is the server's. SQLite serves one machine, and a crawl there belongs to one process, so
each process counts its own: the computer's clock at its start, and from then on the clock that nobody sets.
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
    """Seconds since 1970, whatever becomes of the computer's clock while this process lives."""
    return _BEGAN + steady()


def shared_time(dialect: str) -> ColumnElement[float]:
    """Seconds since 1970, in a statement that may be built once; :func:`shared_moment` gives its value."""
    return SERVER_TIME if dialect == "postgresql" else bindparam("shared_now", type_=Float)


def shared_moment(connection: Connection) -> dict[str, Any]:
    """What a statement with :func:`shared_time` is run with."""
    return {} if connection.dialect.name == "postgresql" else {"shared_now": process_time()}
