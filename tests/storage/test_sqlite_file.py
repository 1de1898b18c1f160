"""A SQLite database is its file: what gets its name later is another one."""

import os
import shutil
import sqlite3

import pytest
from sqlalchemy import text

from tvspiders.errors import DatabaseChanged, StorageProblem
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.replaced import require_crawl, take_new_file

ADD = text("INSERT INTO things (id) VALUES (7)")
COUNT = text("SELECT count(*) FROM things")


@pytest.fixture
def path(sqlite_template, tmp_path):
    path = tmp_path / "x.db"
    shutil.copy(sqlite_template, path)
    return path


@pytest.fixture(params=["delete", "wal"])
def engine(request, path):
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA journal_mode={request.param}")
    connection.close()
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def put_another(path, sqlite_template) -> None:
    shutil.copy(sqlite_template, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def count(path) -> int:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT count(*) FROM things").fetchone()[0]
    connection.close()
    return int(found)


def test_nothing_is_written_into_a_file_that_has_lost_its_name(engine, path, sqlite_template):
    with writing(engine) as connection:
        connection.execute(COUNT)
    put_another(path, sqlite_template)

    with pytest.raises(DatabaseChanged, match=r"x\.db was replaced while it was in use"), writing(engine):
        pass


def test_a_file_that_is_replaced_during_a_transaction_is_noticed_before_its_commit(
    engine, path, sqlite_template
):
    away = path.with_suffix(".old")
    os.link(path, away)

    def write():
        with writing(engine) as connection:
            connection.execute(ADD)
            put_another(path, sqlite_template)

    with pytest.raises(DatabaseChanged, match="replaced"):
        write()

    assert count(path) == 0
    assert count(away) == 0


def test_a_file_that_is_deleted_is_not_made_again(engine, path):
    with writing(engine) as connection:
        connection.execute(ADD)
    path.unlink()

    with pytest.raises(DatabaseChanged, match="was deleted or moved away"), writing(engine):
        pass

    assert not path.exists()


def test_the_new_file_is_used_once_it_is_taken_and_without_the_log_of_the_old_one(
    engine, path, sqlite_template
):
    with writing(engine) as connection:
        connection.execute(ADD)
    put_another(path, sqlite_template)

    engine.dispose()
    take_new_file(engine)

    with writing(engine) as connection:
        assert connection.execute(COUNT).scalar_one() == 0
    assert count(path) == 0


def test_a_log_that_came_with_the_new_file_is_kept(engine, path, sqlite_template, tmp_path):
    """A folder that takes the place of the old one has all that belongs to its own file."""
    with writing(engine) as connection:
        connection.execute(COUNT)
    other = tmp_path / "other.db"
    shutil.copy(sqlite_template, other)
    left_open = sqlite3.connect(other)
    left_open.execute("PRAGMA journal_mode=wal")
    with left_open:
        left_open.execute("INSERT INTO things (id) VALUES (1), (2)")
    engine.dispose()
    for end in ("", "-wal", "-shm"):
        shutil.copy(f"{other}{end}", f"{path}{end}.new")
        os.replace(f"{path}{end}.new", f"{path}{end}")
    left_open.close()

    take_new_file(engine)

    with writing(engine) as connection:
        assert connection.execute(COUNT).scalar_one() == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "was deleted or moved away; restore a backup"),
        (b"", "is empty; restore a backup"),
        (b"no database" * 500, "is damaged"),
    ],
)
def test_what_is_no_database_is_told_and_left_as_it_is(engine, path, content, said):
    with writing(engine) as connection:
        connection.execute(COUNT)
    engine.dispose()
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(StorageProblem, match=said):
        take_new_file(engine, patience=0.5)

    assert (path.read_bytes() if path.exists() else None) == content


def test_a_database_that_does_not_know_the_crawl_is_not_its_own(engine, path):
    with (
        engine.connect() as connection,
        pytest.raises(StorageProblem, match=r"x\.db was replaced by one that does not know this crawl"),
    ):
        require_crawl(connection, "another")
