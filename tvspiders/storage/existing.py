"""A look into a database that is there already: nothing is made, nothing is migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from tvspiders.storage.engine import open_engine
from tvspiders.storage.schema import require_schema


@contextmanager
def existing_database(text: str) -> Iterator[Connection]:
    """A connection that only reads to a database by its URL, and the end of both.

    Raises ``StorageProblem`` when there is none, or its schema is not exactly ours.
    """
    engine = open_engine(text, only_read=True)
    try:
        require_schema(engine)
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
