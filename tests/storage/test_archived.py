"""What a SQLite file that cannot be written is opened with; as if it could not, since root always can."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.archived import uri_to_read
from tvspiders.storage.database.engine import open_read_only


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Makes a copy of a database with one row, or of one in use that holds a second row."""

    def make(journal, in_use=False, name="x.db", parts=("", "-wal", "-shm", "-journal")):
        here, there = tmp_path / "here.db", tmp_path / "archive"
        there.mkdir()
        with closing(sqlite3.connect(here, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA journal_mode={journal}")
            connection.execute("CREATE TABLE t (x)")
            connection.execute("INSERT INTO t VALUES (1)")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if in_use:
                connection.execute("PRAGMA cache_size=2")
                connection.execute("BEGIN")
                connection.executemany("INSERT INTO t VALUES (?)", [(b"x" * 900,) for _ in range(99)])
                connection.execute("COMMIT" if journal == "wal" else "SELECT 1")
            for part in parts:
                if in_use and (tmp_path / f"here.db{part}").exists():
                    shutil.copy(f"{here}{part}", there / f"{name}{part}")
        if not in_use:
            shutil.copy(here, there / name)
        monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
        return there / name

    return make


def rows(path):
    engine = open_read_only(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM t").scalar_one()
    finally:
        engine.dispose()


def test_a_file_that_can_be_written_is_opened_as_always(tmp_path):
    (tmp_path / "x.db").touch()

    assert uri_to_read(tmp_path / "x.db") is None


@pytest.mark.parametrize("name", ["x.db", "100% #1.db"])
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_an_archived_file_is_read_and_nothing_is_written_beside_it(archive, journal, name):
    path = archive(journal, name=name)

    assert rows(path) == 1
    assert "immutable" in uri_to_read(path) or journal == "delete"
    assert [file.name for file in path.parent.iterdir()] == [name]


def test_an_empty_log_beside_it_holds_nothing_up(archive):
    path = archive("wal")
    path.with_name("x.db-wal").touch()

    assert rows(path) == 1


def test_a_link_leads_to_the_file_and_to_what_lies_beside_that(archive, tmp_path):
    path = archive("wal", in_use=True, parts=("", "-wal"))
    (tmp_path / "link.db").symlink_to(path)

    with pytest.raises(StorageProblem, match=r"x\.db-wal beside it"):
        rows(tmp_path / "link.db")


def test_a_log_that_can_be_read_is_read(archive):
    assert rows(archive("wal", in_use=True)) == 100


def test_a_log_that_cannot_be_read_is_told_in_place_of_old_numbers(archive):
    path = archive("wal", in_use=True, parts=("", "-wal"))

    with pytest.raises(StorageProblem, match=r"x\.db-wal beside it holds changes .* copy both") as caught:
        rows(path)

    assert "\n" not in str(caught.value)


def test_half_of_a_change_is_told_in_place_of_wrong_numbers(archive):
    path = archive("delete", in_use=True)

    with pytest.raises(StorageProblem, match=r"x\.db-journal beside it holds changes"):
        rows(path)


def test_a_damaged_file_is_left_to_whoever_reads_it(archive):
    path = archive("delete", in_use=True)
    path.with_name("x.db-journal").unlink()
    path.with_name("x.db-journal").write_bytes(b"\0")
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 500)

    assert "mode=ro" in uri_to_read(path)


@pytest.mark.parametrize(
    ("make", "said"), [("mkdir", "is a folder"), ("touch", None), ("text", "is not a SQLite database")]
)
def test_what_is_no_database_is_told_as_always(tmp_path, make, said, monkeypatch):
    path = tmp_path / "x.db"
    path.write_text("a text that is no database") if make == "text" else getattr(path, make)()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)

    if said is None:
        open_read_only(f"sqlite:///{path}").dispose()
    else:
        with pytest.raises(StorageProblem, match=said):
            open_read_only(f"sqlite:///{path}")


def test_a_missing_file_is_not_made(tmp_path):
    with pytest.raises(StorageProblem, match="there is no database"):
        open_read_only(f"sqlite:///{tmp_path / 'x.db'}")

    assert list(tmp_path.iterdir()) == []
