"""What a database error means: wait, make room, blame the row, or give up."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.making import at
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.errors import Trouble, trouble_of


class Stated(psycopg.Error):
    """An error of the server with a state."""

    def __init__(self, state: str) -> None:
        super().__init__("said the server")
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ("40P01", Trouble.WAIT),  # deadlock
        ("40001", Trouble.WAIT),  # serialization failure
        ("57P01", Trouble.WAIT),  # the server is shut down
        ("57P03", Trouble.WAIT),  # it starts up
        ("08006", Trouble.WAIT),  # the connection was lost
        ("53300", Trouble.WAIT),  # too many connections
        ("55P03", Trouble.WAIT),  # lock timeout
        ("53100", Trouble.FULL),  # disk full
        ("53200", Trouble.FULL),  # out of memory
        ("22021", Trouble.ROW),  # a character that the encoding does not have
        ("23505", Trouble.ROW),  # unique key
        ("54000", Trouble.ROW),  # a value too long for an index
        ("42P01", Trouble.BROKEN),  # no such table
        ("28P01", Trouble.BROKEN),  # wrong password
    ],
)
def test_the_state_that_postgresql_gives_decides(state, trouble):
    assert trouble_of(DBAPIError("SELECT", {}, Stated(state))) is trouble


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("database is locked", Trouble.WAIT),
        ("database table is locked", Trouble.WAIT),
        ("database or disk is full", Trouble.FULL),
        ("disk I/O error", Trouble.FULL),
        ("attempt to write a readonly database", Trouble.FULL),
        ("unable to open database file", Trouble.FULL),
        ("database disk image is malformed", Trouble.BROKEN),
        ("no such table: things", Trouble.BROKEN),
    ],
)
def test_what_sqlite_says_decides(said, trouble):
    assert trouble_of(OperationalError("SELECT", {}, sqlite3.OperationalError(said))) is trouble


def test_a_server_that_is_not_there_is_waited_for():
    engine = open_engine("postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(DBAPIError) as raised, engine.connect():
        pass

    assert trouble_of(raised.value) is Trouble.WAIT


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

    assert trouble_of(raised.value) is Trouble.ROW


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

    assert trouble_of(raised.value) is Trouble.ROW


def test_a_key_that_is_there_is_the_rows_fault(engine):
    with pytest.raises(Exception) as raised, writing(engine) as connection:  # noqa: PT011
        connection.execute(insert(tables.things), [THING, THING])

    assert trouble_of(raised.value) is Trouble.ROW


def test_a_missing_table_is_beyond_repair(engine):
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM nowhere"))

    assert trouble_of(raised.value) is Trouble.BROKEN


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_connection_that_the_server_ends_is_worth_waiting_for(engine):
    with pytest.raises(DBAPIError) as raised, engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert trouble_of(raised.value) is Trouble.WAIT


@pytest.mark.parametrize("error", [KeyError("a"), AttributeError("a"), RuntimeError("a"), LookupError()])
def test_a_bug_is_no_row(error):
    assert trouble_of(error) is Trouble.BROKEN
