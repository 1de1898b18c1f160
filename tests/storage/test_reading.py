"""A command that only looks makes nothing, and leaves nothing open."""

import os
import shutil
import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database import engine
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.reading import open_for_reading


def test_a_database_with_our_schema_can_be_looked_into(database_url):
    with open_for_reading(database_url) as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar_one() == 0

    assert connection.closed


def test_a_file_that_cannot_be_written_is_read_as_it_lies(sqlite_template, tmp_path, monkeypatch):
    shutil.copy(sqlite_template, tmp_path / "archived.db")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # root always can

    with open_for_reading(f"sqlite:///{tmp_path / 'archived.db'}") as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar_one() == 0
        with pytest.raises(OperationalError, match="readonly"):
            connection.execute(text("DELETE FROM things"))

    assert [file.name for file in tmp_path.iterdir()] == ["archived.db"]


def test_no_database_is_made(tmp_path):
    with (
        pytest.raises(StorageProblem, match="there is no database"),
        open_for_reading(f"sqlite:///{tmp_path / 'none.db'}"),
    ):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_database_without_our_tables_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    open_engine(url).dispose()

    with pytest.raises(StorageProblem, match=r"empty\.db is empty"), open_for_reading(url):
        pass


def test_a_writer_that_holds_the_lock_is_waited_for(sqlite_template, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.0)
    shutil.copy(sqlite_template, tmp_path / "x.db")
    writer = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode=DELETE")
    writer.execute("BEGIN EXCLUSIVE")

    with open_for_reading(
        f"sqlite:///{tmp_path / 'x.db'}", sleep=lambda _: writer.execute("COMMIT")
    ) as connection:
        count = connection.execute(text("SELECT count(*) FROM things")).scalar_one()

    writer.close()
    assert count == 0


def test_a_writer_that_keeps_the_lock_is_named_after_the_wait(sqlite_template, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.0)
    shutil.copy(sqlite_template, tmp_path / "x.db")
    writer = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode=DELETE")
    writer.execute("BEGIN EXCLUSIVE")

    with (
        pytest.raises(StorageProblem, match="is held by another program"),
        open_for_reading(f"sqlite:///{tmp_path / 'x.db'}", patience=0.0),
    ):
        pass

    writer.close()
