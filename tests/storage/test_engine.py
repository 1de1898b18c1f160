"""Opening a database: URLs, file modes, journals, locks."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database import engine as engine_module
from tvspiders.storage.database.engine import (
    journal_mode,
    open_engine,
    set_journal_mode,
    sqlite_path,
    writing,
)
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.database.schema import prepare_schema


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.02)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fill(url: str) -> None:
    """Make the tables and leave the database open until the connection is forgotten."""
    engine = open_engine(url)
    prepare_schema(engine)
    engine.dispose()


@pytest.mark.parametrize("given", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(given):
    with pytest.raises(StorageProblem, match="names no file"):
        open_engine(given)


@pytest.mark.parametrize("journal", ["wal", "delete"])
@pytest.mark.usefixtures("open_umask")
def test_all_files_of_a_database_are_private(tmp_path, monkeypatch, journal):
    monkeypatch.setenv("TV_SQLITE_JOURNAL", journal)
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    prepare_schema(engine)

    with writing(engine) as connection:
        connection.execute(text("INSERT INTO things (id) VALUES (1)"))
        modes = {path.name: mode(path) for path in tmp_path.iterdir()}
    engine.dispose()

    assert modes.keys() >= {"x.db", "x.db-wal" if journal == "wal" else "x.db-journal"}
    assert set(modes.values()) == {0o600}


def test_the_mode_of_a_file_that_is_there_is_the_users_business(tmp_path):
    path = tmp_path / "x.db"
    path.touch()
    path.chmod(0o640)

    fill(f"sqlite:///{path}")

    assert mode(path) == 0o640


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((3, 40, 1), "DELETE"),
        ((3, 51, 2), "DELETE"),
        ((3, 51, 3), "WAL"),
        ((3, 53, 0), "WAL"),
        ((4, 0), "WAL"),
    ],
)
def test_the_journal_follows_the_version(monkeypatch, version, expected):
    monkeypatch.delenv("TV_SQLITE_JOURNAL", raising=False)

    assert journal_mode(version) == expected


@pytest.mark.parametrize(
    ("asked", "expected"), [("wal", "WAL"), ("DELETE", "DELETE"), ("", "DELETE"), ("off", "DELETE")]
)
def test_the_environment_overrules_the_version(monkeypatch, asked, expected):
    monkeypatch.setenv("TV_SQLITE_JOURNAL", asked)

    assert journal_mode((3, 40, 1)) == expected


@pytest.mark.parametrize(("first", "then"), [("wal", "delete"), ("delete", "wal"), ("wal", "wal")])
def test_the_journal_of_a_file_can_be_changed(sqlite_url, monkeypatch, first, then):
    monkeypatch.setenv("TV_SQLITE_JOURNAL", first)
    fill(sqlite_url)
    monkeypatch.setenv("TV_SQLITE_JOURNAL", then)

    engine = open_engine(sqlite_url)
    prepare_schema(engine)
    with engine.connect() as connection:
        found = connection.execute(text("PRAGMA journal_mode")).scalar_one()
        synchronous = connection.execute(text("PRAGMA synchronous")).scalar_one()
    engine.dispose()

    assert found == then
    assert synchronous == 2  # FULL


def test_a_folder_is_no_database(tmp_path):
    with pytest.raises(StorageProblem, match="is a folder"):
        open_engine(f"sqlite:///{tmp_path}")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StorageProblem, match="folder does not exist"):
        open_engine(f"sqlite:///{tmp_path}/none/x.db")

    assert list(tmp_path.iterdir()) == []


def test_a_database_that_must_exist_is_not_made(tmp_path):
    with pytest.raises(StorageProblem, match="there is no database"):
        open_engine(f"sqlite:///{tmp_path / 'x.db'}", must_exist=True)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"id,name\n1,Gear\n", b"\x00" * 100, b"SQLite format 2\x00"])
def test_a_file_that_is_no_database_is_refused_and_left_untouched(tmp_path, content):
    path = tmp_path / "x.db"
    path.write_bytes(content)

    with pytest.raises(StorageProblem, match=r"x\.db is not a SQLite database"):
        open_engine(f"sqlite:///{path}")

    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(engine_module.os, "open", refuse)

    with pytest.raises(StorageProblem, match=r"x\.db cannot be written \(Permission denied\)"):
        open_engine(f"sqlite:///{tmp_path / 'x.db'}")


def test_an_empty_file_is_a_new_database(tmp_path):
    path = tmp_path / "x.db"
    path.touch()

    fill(f"sqlite:///{path}")

    assert path.stat().st_size > 0


def test_an_empty_file_beside_locks_has_lost_what_was_in_it(tmp_path):
    path = tmp_path / "x.db"
    path.touch()
    (tmp_path / "x.db.gear.lock").touch()

    with pytest.raises(StorageProblem, match="is empty, but crawls were run in it"):
        open_engine(f"sqlite:///{path}")
    path.unlink()
    fill(f"sqlite:///{path}")

    assert path.stat().st_size > 0


def test_a_link_and_its_file_are_one_database(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "x.db")

    engine = open_engine(f"sqlite:///{tmp_path / 'link.db'}")

    assert sqlite_path(engine) == tmp_path / "x.db"


def test_the_file_behind_an_engine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    engine, other = open_engine("sqlite:///x.db"), open_engine("postgresql://a@b/c")

    assert sqlite_path(engine) == tmp_path / "x.db"
    assert sqlite_path(other) is None


def test_a_server_has_no_journal():
    set_journal_mode(open_engine("postgresql://a@nowhere.invalid/c"))


def test_a_transaction_that_writes_takes_the_lock_at_once(sqlite_url):
    fill(sqlite_url)
    engine = open_engine(sqlite_url)

    with writing(engine), pytest.raises(OperationalError) as raised, writing(engine):
        pass
    engine.dispose()

    assert classify(raised.value) is DatabaseError.WAIT


def test_reading_takes_no_lock(sqlite_url):
    fill(sqlite_url)
    engine = open_engine(sqlite_url)

    with engine.connect() as reader:
        reader.execute(text("SELECT 1"))
        with writing(engine) as connection:
            connection.execute(text("SELECT count(*) FROM things"))
    engine.dispose()


def test_a_transaction_that_fails_leaves_nothing(engine):
    def fail_half_way() -> None:
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO things (id) VALUES (1)"))
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar_one() == 0


def test_a_file_locked_by_another_program_is_worth_waiting_for(sqlite_url, tmp_path):
    fill(sqlite_url)
    engine = open_engine(sqlite_url)
    holder = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(OperationalError) as raised, engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM things"))
    holder.close()
    engine.dispose()

    assert classify(raised.value) is DatabaseError.WAIT


def test_connections_may_be_used_by_another_thread(sqlite_url):
    fill(sqlite_url)
    engine = open_engine(sqlite_url)
    found: list[int] = []
    with engine.connect() as connection:
        reader = threading.Thread(
            target=lambda: found.append(connection.execute(text("SELECT count(*) FROM things")).scalar_one())
        )
        reader.start()
        reader.join()
    engine.dispose()

    assert found == [0]


def test_to_open_a_database_again_leaves_its_locks_held(tmp_path):
    """To close any descriptor of a file ends all locks that the process has on it (POSIX)."""
    path = tmp_path / "x.db"
    url = f"sqlite:///{path}"
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE x (a)"))

    with writing(engine) as connection:
        connection.execute(text("INSERT INTO x VALUES (1)"))
        open_engine(url).dispose()
        other = subprocess.run([sys.executable, "-c", WRITE, str(path)], capture_output=True, text=True)

    engine.dispose()
    assert "database is locked" in other.stderr


WRITE = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
