"""One transaction at a time, in a thread, and patience with a database that is away."""

import asyncio
import logging
import sqlite3
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tvspiders.ledger.writing import database_thread
from tvspiders.ledger.writing.database_thread import DatabaseSilent, DatabaseThread
from tvspiders.storage.database import engine as engine_module
from tvspiders.storage.database.url import database_name

COUNT = text("SELECT count(*) FROM things")
ADD = text("INSERT INTO things (id) VALUES (:id)")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.02)
    monkeypatch.setattr(DatabaseThread, "GRACE", 0.01)
    monkeypatch.setattr(DatabaseThread, "LOOK_EVERY", 0.01)


@pytest.fixture
def database(engine):
    database = DatabaseThread(engine)
    yield database
    if database._thread is not None:
        database._jobs.put(None)
        database._thread.join(60)
    database.close()


def locked() -> Exception:
    return OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))


def add(number: int):
    return lambda connection: connection.execute(ADD, {"id": number}).rowcount


def test_a_job_is_committed_and_its_result_returned(database, engine):
    assert asyncio.run(database.run(add(7))) == 1

    with engine.connect() as connection:
        assert connection.execute(COUNT).scalar_one() == 1


def test_a_job_that_fails_is_rolled_back_and_its_error_raised(database, engine):
    def fail(connection):
        add(7)(connection)
        raise KeyError("no")

    with pytest.raises(KeyError):
        asyncio.run(database.run(fail))

    with engine.connect() as connection:
        assert connection.execute(COUNT).scalar_one() == 0


def test_jobs_run_one_after_the_other_in_a_thread_of_their_own(database):
    running: list[str] = []

    def job(connection):
        running.append(threading.current_thread().name)
        running.append("end")

    async def several():
        await asyncio.gather(*(database.run(job) for _ in range(5)))

    asyncio.run(several())

    assert running == ["tvspiders-database", "end"] * 5


def test_the_event_loop_goes_on_meanwhile(database):
    go_on = threading.Event()

    async def both():
        job = asyncio.ensure_future(database.run(lambda connection: go_on.wait(10)))
        await asyncio.sleep(0)
        go_on.set()
        return await job

    assert asyncio.run(both()) is True


def test_a_locked_database_is_waited_for(database):
    tries: list[int] = []

    def job(connection):
        tries.append(1)
        if len(tries) < 3:
            raise locked()
        return "done"

    assert asyncio.run(database.run(job)) == "done"
    assert len(tries) == 3


def test_waiting_ends_when_the_crawl_must_end(database, monkeypatch):
    monkeypatch.setattr(database, "GRACE", 60.0)  # the first connection may take its time

    def job(connection):
        raise locked()

    database.give_up_at = time.monotonic() + 0.1

    with pytest.raises(OperationalError, match="locked"):
        asyncio.run(database.run(job))


def test_a_transaction_that_hangs_does_not_hold_up_the_end(database):
    go_on = threading.Event()
    database.give_up_at = time.monotonic()

    with pytest.raises(DatabaseSilent, match="did not answer in time"):
        asyncio.run(database.run(lambda connection: go_on.wait(10)))
    go_on.set()


@pytest.mark.parametrize("said", ["database or disk is full", "no such table: things"])
def test_what_waiting_cannot_mend_is_raised_at_once(database, said):
    tries: list[int] = []

    def job(connection):
        tries.append(1)
        raise OperationalError("INSERT", {}, sqlite3.OperationalError(said))

    with pytest.raises(OperationalError, match=said):
        asyncio.run(database.run(job))
    assert len(tries) == 1


def test_a_long_outage_is_told_once_a_minute(database, monkeypatch, caplog):
    pauses: list[float] = []

    async def pass_by(seconds):
        pauses.append(seconds)

    def job(connection):
        if len(pauses) < 30:
            raise locked()

    monkeypatch.setattr(database_thread.asyncio, "sleep", pass_by)
    with caplog.at_level(logging.WARNING):
        asyncio.run(database.run(job))

    name = database_name(database.engine.url)
    assert caplog.messages == [f"Waiting for database {name}: database is locked"]
    assert pauses == sorted(pauses)
    assert pauses[-1] == DatabaseThread.LONGEST_PAUSE


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_server_that_ends_the_connection_gets_the_job_again(database, engine):
    tries: list[int] = []

    def job(connection):
        tries.append(1)
        add(7)(connection)
        if len(tries) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    asyncio.run(database.run(job))

    assert len(tries) == 2
    with engine.connect() as connection:
        assert connection.execute(COUNT).scalar_one() == 1
