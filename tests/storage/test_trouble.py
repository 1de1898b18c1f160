"""What a database error means: wait, make room, blame the row, or give up."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.support.making import at
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.errors import DatabaseError, classify


class Stated(psycopg.Error):
    """An error of the server with a state."""

    def __init__(self, state: str) -> None:
        super().__init__("said the server")
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ("40P01", DatabaseError.WAIT),  # deadlock
        ("40001", DatabaseError.WAIT),  # serialization failure
        ("57P01", DatabaseError.WAIT),  # the server is shut down
        ("57P03", DatabaseError.WAIT),  # it starts up
        ("08006", DatabaseError.WAIT),  # the connection was lost
        ("53300", DatabaseError.WAIT),  # too many connections
        ("55P03", DatabaseError.WAIT),  # lock timeout
        ("53100", DatabaseError.FULL),  # disk full
        ("53200", DatabaseError.FULL),  # out of memory
        ("22021", DatabaseError.ROW),  # a character that the encoding does not have
        ("23505", DatabaseError.ROW),  # unique key
        ("54000", DatabaseError.ROW),  # a value too long for an index
        ("42P01", DatabaseError.BROKEN),  # no such table
        ("28P01", DatabaseError.BROKEN),  # wrong password
    ],
)
def test_the_state_that_postgresql_gives_decides(state, trouble):
    assert classify(DBAPIError("SELECT", {}, Stated(state))) is trouble


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("database is locked", DatabaseError.WAIT),
        ("database table is locked", DatabaseError.WAIT),
        ("database or disk is full", DatabaseError.FULL),
        ("disk I/O error", DatabaseError.FULL),
        ("attempt to write a readonly database", DatabaseError.FULL),
        ("unable to open database file", DatabaseError.FULL),
        ("database disk image is malformed", DatabaseError.BROKEN),
        ("no such table: things", DatabaseError.BROKEN),
    ],
)
def test_what_sqlite_says_decides(said, trouble):
    assert classify(OperationalError("SELECT", {}, sqlite3.OperationalError(said))) is trouble


def test_a_server_that_is_not_there_is_waited_for():
    engine = open_engine("postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(DBAPIError) as raised, engine.connect():
        pass

    assert classify(raised.value) is DatabaseError.WAIT


THING = {"id": 1, "last_scraped": at(1)}


@pytest.mark.parametrize(
    "value",
    [
        {"id": 2**63},
        {"id": -(2**70)},
        {"name": "\ud800"},
        {"name": {"a": 1}},
        {"name": object()},
        {"view_count": 2**64},
    ],
    ids=["2**63", "-2**70", "surrogate", "mapping", "object", "2**64"],
)
def test_a_value_that_no_database_takes_is_the_rows_fault(engine, value):
    with pytest.raises(Exception) as raised, writing(engine) as connection:  # noqa: PT011
        connection.execute(insert(tables.things), [THING | value])

    assert classify(raised.value) is DatabaseError.ROW


@pytest.mark.parametrize("backend", ["postgresql"])
@pytest.mark.parametrize(
    ("table", "row"),
    [
        (tables.things, THING | {"name": "a\x00b"}),
        (tables.things, THING | {"id": "twelve"}),
        (tables.tags, {"name": "".join(chr(0x4E00 + number) for number in range(5000))}),
    ],
    ids=["nul", "text for a number", "too long for an index"],
)
def test_a_value_that_postgresql_refuses_is_the_rows_fault(engine, table, row):
    with pytest.raises(Exception) as raised, writing(engine) as connection:  # noqa: PT011
        connection.execute(insert(table), [row])

    assert classify(raised.value) is DatabaseError.ROW


def test_a_key_that_is_there_is_the_rows_fault(engine):
    with pytest.raises(Exception) as raised, writing(engine) as connection:  # noqa: PT011
        connection.execute(insert(tables.things), [THING, THING])

    assert classify(raised.value) is DatabaseError.ROW


def test_a_missing_table_is_beyond_repair(engine):
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM nowhere"))

    assert classify(raised.value) is DatabaseError.BROKEN


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_connection_that_the_server_ends_is_worth_waiting_for(engine):
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert classify(raised.value) is DatabaseError.WAIT


@pytest.mark.parametrize("error", [KeyError("a"), AttributeError("a"), RuntimeError("a"), LookupError()])
def test_a_bug_is_no_row(error):
    assert classify(error) is DatabaseError.BROKEN
