"""A command that only looks makes nothing, and leaves nothing open."""

import os
import shutil

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.existing import existing_database


def test_a_database_with_our_schema_can_be_looked_into(database_url):
    with existing_database(database_url) as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar_one() == 0

    assert connection.closed


def test_a_file_that_cannot_be_written_is_read_as_it_lies(sqlite_template, tmp_path, monkeypatch):
    shutil.copy(sqlite_template, tmp_path / "archived.db")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # root always can

    with existing_database(f"sqlite:///{tmp_path / 'archived.db'}") as connection:
        assert connection.execute(text("SELECT count(*) FROM things")).scalar_one() == 0
        with pytest.raises(OperationalError, match="readonly"):
            connection.execute(text("DELETE FROM things"))

    assert [file.name for file in tmp_path.iterdir()] == ["archived.db"]


def test_no_database_is_made(tmp_path):
    with (
        pytest.raises(StorageProblem, match="there is no database"),
        existing_database(f"sqlite:///{tmp_path / 'none.db'}"),
    ):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_database_without_our_tables_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    open_engine(url).dispose()

    with pytest.raises(StorageProblem, match=r"empty\.db is empty"), existing_database(url):
        pass
