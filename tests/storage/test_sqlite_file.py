"""A SQLite database is its file: what gets its name later is another one."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from tvspiders.errors import DatabaseChanged, StorageProblem
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.replaced import require_crawl, take_new_file
from tvspiders.storage.database.sqlite_file import file_of

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


def add(engine, number):
    with writing(engine) as connection:
        connection.execute(text(f"INSERT INTO things (id) VALUES ({number})"))


def backup(path, copy):
    """A good copy of a file in use, with what is in its log."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def empty_log_at_each_commit(engine):
    with engine.connect().execution_options(tv_pragma=True) as connection:
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint=1")


def test_an_older_state_copied_over_the_file_during_a_transaction_is_not_mixed_with_it(
    engine, path, sqlite_template
):
    empty_log_at_each_commit(engine)
    add(engine, 1)

    def write():
        with writing(engine) as connection:
            connection.execute(ADD)
            shutil.copyfile(sqlite_template, path)

    with pytest.raises(DatabaseChanged, match=r"x\.db was written over while it was in use"):
        write()


def test_an_older_state_copied_over_the_file_between_two_transactions_is_noticed_by_the_next(
    engine, path, tmp_path
):
    empty_log_at_each_commit(engine)
    add(engine, 1)
    backup(path, tmp_path / "copy.db")
    add(engine, 2)
    shutil.copyfile(tmp_path / "copy.db", path)

    with pytest.raises(DatabaseChanged, match=r"(was written over|went back to an older state) while"):
        add(engine, 3)


@pytest.mark.parametrize("engine", ["wal"], indirect=True)
def test_a_file_that_was_written_over_beside_its_log_has_to_be_restored_as_a_whole(
    engine, path, sqlite_template
):
    empty_log_at_each_commit(engine)
    add(engine, 1)
    shutil.copyfile(sqlite_template, path)
    with pytest.raises(DatabaseChanged):
        add(engine, 2)
    engine.dispose()

    with pytest.raises(StorageProblem, match=r"written over .*, as cp does, .* remove it with x\.db-wal"):
        take_new_file(engine)


@pytest.mark.parametrize("engine", ["delete"], indirect=True)
def test_a_file_that_was_written_over_between_two_transactions_is_gone_on_from(engine, path, sqlite_template):
    add(engine, 1)
    shutil.copyfile(sqlite_template, path)
    with pytest.raises(DatabaseChanged):
        add(engine, 2)
    engine.dispose()

    take_new_file(engine)

    add(engine, 3)
    assert count(path) == 1


@pytest.mark.parametrize("engine", ["wal"], indirect=True)
def test_a_state_that_the_log_brings_up_to_date_is_no_older_one(engine, path, tmp_path):
    add(engine, 1)
    backup(path, tmp_path / "copy.db")
    add(engine, 2)
    shutil.copyfile(tmp_path / "copy.db", path)

    add(engine, 3)

    assert count(path) == 3


def test_a_transaction_that_is_rolled_back_is_no_older_state(engine, path):
    add(engine, 1)

    def fail():
        with writing(engine) as connection:
            connection.execute(ADD)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    add(engine, 2)
    assert count(path) == 2


@pytest.mark.parametrize("engine", ["wal"], indirect=True)
def test_what_another_engine_of_the_process_has_seen_of_the_file_counts(engine, path, sqlite_template):
    other = open_engine(f"sqlite:///{path}")
    empty_log_at_each_commit(other)
    add(engine, 1)
    add(other, 2)
    shutil.copyfile(sqlite_template, path)

    with pytest.raises(DatabaseChanged):
        add(engine, 4)

    other.dispose()


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


def test_a_log_that_another_process_empties_is_no_older_state(engine, path):
    with writing(engine) as connection:
        connection.execute(ADD)
    file = file_of(engine)
    number = file._number_in_file()
    with path.open("r+b") as shorter:  # as it is before the last page follows the first one
        shorter.truncate(path.stat().st_size - 4096)

    assert number > 0
    assert file._number_in_file() == number
