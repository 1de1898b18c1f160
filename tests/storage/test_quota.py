import json
import multiprocessing
import sqlite3
import threading
import time

import pytest
from sqlalchemy import select

from tvspiders.errors import StorageProblem, StoreBusy
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import prepare_schema
from tvspiders.storage.queue import quota
from tvspiders.storage.queue.quota import change_row, read_epoch
from tvspiders.storage.tables import quota_windows


@pytest.fixture
def url(database_url):
    return database_url


@pytest.fixture
def engine(url):
    engine = open_engine(url)
    yield engine
    engine.dispose()


def add_one(state, now):
    number = (json.loads(state) if state else 0) + 1
    return json.dumps(number), number


def add_often(url, times):
    engine = open_engine(url)
    for _ in range(times):
        while True:
            try:
                change_row(engine, "token", add_one)
                break
            except StoreBusy:
                time.sleep(0.01)
    engine.dispose()


def test_a_row_is_made_on_first_use_and_changed_afterwards(engine):
    for _ in range(3):
        change_row(engine, "token", add_one)

    assert read_epoch(engine, "token") == 3
    assert read_epoch(engine, "other") == 0


def test_the_changes_of_many_processes_are_all_kept(engine, url):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=add_often, args=(url, 25)) for _ in range(4)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert read_epoch(engine, "token") == 100


def test_the_time_given_is_the_databases_and_the_offset_leads_to_it(engine):
    seen = []

    offset = change_row(engine, "token", lambda state, now: (seen.append(now) or "0", 0))

    assert seen[0] == pytest.approx(time.time(), abs=60)
    assert time.monotonic() + offset == pytest.approx(time.time(), abs=60)


def test_on_postgresql_no_clock_of_a_worker_counts(postgresql_with_tables):
    engine = open_engine(postgresql_with_tables)
    prepare_schema(engine)
    with engine.begin() as connection:
        connection.execute(quota_windows.delete())
    seen, offsets = [], []

    for local, wall in [(1e6, 0.0), (-5e5, 4e9)]:
        offsets.append(
            change_row(
                engine,
                "token",
                lambda state, now: (seen.append(now) or "0", 0),
                clock=lambda local=local: time.monotonic() + local,
                wall=lambda wall=wall: wall,
            )
        )
    engine.dispose()

    assert seen == pytest.approx([time.time()] * 2, abs=30)
    assert offsets[1] - offsets[0] == pytest.approx(1.5e6, abs=30)


def test_a_change_that_raises_writes_nothing(engine):
    def fail(state, now):
        raise RuntimeError

    change_row(engine, "token", add_one)
    with pytest.raises(RuntimeError):
        change_row(engine, "token", fail)

    assert read_epoch(engine, "token") == 1


def test_a_locked_database_is_busy_within_seconds_and_works_again_afterwards(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/quota.db")
    prepare_schema(engine)
    other = sqlite3.connect(tmp_path / "quota.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    began = time.monotonic()
    with pytest.raises(StoreBusy):
        change_row(engine, "token", add_one)
    took = time.monotonic() - began
    other.execute("ROLLBACK")
    other.close()
    change_row(engine, "token", add_one)
    engine.dispose()

    assert took < 60  # the lock is held as long as it takes


def test_a_row_held_by_a_stalled_machine_is_busy_within_seconds(postgresql_with_tables):
    engine = open_engine(postgresql_with_tables)
    prepare_schema(engine)
    with engine.begin() as connection:
        connection.execute(quota_windows.delete())
    change_row(engine, "token", add_one)
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with engine.begin() as connection:
            connection.execute(select(quota_windows).with_for_update())
            held.set()
            let_go.wait(120)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(60)
    began = time.monotonic()
    with pytest.raises(StoreBusy):
        change_row(engine, "token", add_one)
    took = time.monotonic() - began
    let_go.set()
    thread.join()
    change_row(engine, "token", add_one)
    engine.dispose()

    assert took < 60  # it is held for twice that


def test_a_process_that_is_suspended_while_it_changes_a_row_gives_it_back(
    postgresql_with_tables, monkeypatch
):
    monkeypatch.setattr(quota, "MAX_OPEN_SECONDS", 0.5)
    engine = open_engine(postgresql_with_tables)
    prepare_schema(engine)
    held, let_go, failed = threading.Event(), threading.Event(), []

    def stand_still(state, now):
        held.set()
        let_go.wait(120)
        return add_one(state, now)

    def suspended():
        try:
            change_row(engine, "token", stand_still)
        except StoreBusy as error:
            failed.append(error)

    thread = threading.Thread(target=suspended)
    thread.start()
    held.wait(60)
    add_often(postgresql_with_tables, 1)  # until the row is free: without a limit that would be never
    let_go.set()
    thread.join()
    engine.dispose()

    assert len(failed) == 1


def test_a_missing_table_is_no_reason_to_wait(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/empty.db")

    with pytest.raises(StorageProblem) as caught:
        change_row(engine, "token", add_one)
    engine.dispose()

    assert not isinstance(caught.value, StoreBusy)
    assert "\n" not in str(caught.value)


def test_an_unreachable_server_is_busy_and_shows_no_password():
    engine = open_engine("postgresql://user:hidden-password@127.0.0.1:1/none")

    with pytest.raises(StoreBusy) as caught:
        read_epoch(engine, "token")
    engine.dispose()

    assert "hidden-password" not in str(caught.value)
