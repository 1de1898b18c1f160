"""What a person reads when the database can go on no more."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from tvspiders.errors import StorageProblem
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.storage.database.engine import open_engine


def failure_line(error: Exception, engine: Engine) -> str:
    return DatabaseThread(engine).line_for(error)


def of_sqlite(said: str) -> OperationalError:
    return OperationalError("INSERT", {}, sqlite3.OperationalError(said))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (StorageProblem("a feed cannot be written"), "a feed cannot be written"),
        (
            of_sqlite("database or disk is full"),
            "database {name} cannot be written: database or disk is full; "
            "make room on its disk, then run the same command again",
        ),
        (
            of_sqlite("attempt to write a readonly database"),
            "database {name} cannot be written: attempt to write a readonly database; "
            "see that its folder and disk can be written, then run the same command again",
        ),
        (
            of_sqlite("database is locked"),
            "database {name} is held by another program: database is locked; "
            "end the program that holds it, then run the same command again",
        ),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_line_names_the_database_what_is_wrong_and_what_helps(engine, error, line):
    assert failure_line(error, engine) == line.format(name=engine.url.database)


def test_a_server_is_named_without_its_password():
    engine = open_engine("postgresql://amber:s3cret@db.example:5433/things")
    away = OperationalError("SELECT", {}, psycopg.OperationalError("connection refused"))

    line = failure_line(away, engine)

    assert line == (
        "database things on db.example:5433 cannot be reached: connection refused; "
        "see that its server runs and lets us in, then run the same command again"
    )


@pytest.mark.parametrize("backend", ["sqlite"])
def test_damage_names_the_file(engine):
    line = failure_line(of_sqlite("database disk image is malformed"), engine)

    assert str(engine.url.database) in line
    assert "(database disk image is malformed)" in line


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_unexpected_error_is_logged_in_full(engine, caplog):
    line = failure_line(RuntimeError("a bug"), engine)

    assert line == f"database {engine.url.database} failed: a bug"
    assert caplog.records[0].exc_info[1].args == ("a bug",)
