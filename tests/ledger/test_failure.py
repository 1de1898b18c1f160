"""What a person reads when the database can go on no more."""

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from tvspiders.errors import StorageProblem
from tvspiders.ledger.failure import failure_line


def of_sqlite(said: str) -> OperationalError:
    return OperationalError("INSERT", {}, sqlite3.OperationalError(said))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (StorageProblem("a feed cannot be written"), "a feed cannot be written"),
        (
            of_sqlite("database or disk is full"),
            "the database cannot be written: database or disk is full; "
            "make room, then run the same command again",
        ),
        (
            of_sqlite("attempt to write a readonly database"),
            "the database cannot be written: attempt to write a readonly database; "
            "mend that, then run the same command again",
        ),
        (of_sqlite("database is locked"), "the database did not answer in time: database is locked"),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_line_says_what_is_wrong_and_what_helps(engine, error, line):
    assert failure_line(error, engine) == line


@pytest.mark.parametrize("backend", ["sqlite"])
def test_damage_names_the_file(engine):
    line = failure_line(of_sqlite("database disk image is malformed"), engine)

    assert str(engine.url.database) in line
    assert "(database disk image is malformed)" in line


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_nobody_foresaw_is_logged_in_full(engine, caplog):
    line = failure_line(RuntimeError("a bug"), engine)

    assert line == "the database failed: a bug"
    assert caplog.records[0].exc_info[1].args == ("a bug",)
