"""A look into a database that is there already: nothing is made, nothing is migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import complaint, require_schema


@contextmanager
def existing_database(text: str) -> Iterator[Connection]:
    """A connection that only reads to a database by its URL, and the end of both.

    Raises ``StorageProblem`` when there is none, its schema is not exactly ours, or it cannot be read.
    """
    engine = open_engine(text, only_read=True)
    try:
        require_schema(engine)
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise StorageProblem(complaint(engine, error)) from None
    finally:
        engine.dispose()
