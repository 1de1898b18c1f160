"""A run finds its round, holds it alone where it must, and writes down how it ended."""

import asyncio
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import make_url, update
from sqlalchemy.exc import OperationalError

from tests.support.making import answer, row
from tests.support.working import finish, ledger_on, seed, take, work
from tvspiders.errors import CrawlBusy, StorageProblem
from tvspiders.ledger import run as round_module
from tvspiders.ledger.in_flight import Options
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.writing.database_thread import DatabaseSilent, DatabaseThread
from tvspiders.ledger.writing.worker_watch import WorkerWatch
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.queue import crawls
from tvspiders.storage.units import Unit

pytestmark = pytest.mark.usefixtures("short_waits")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_crawl_of_a_file_has_one_owner(database_url):
    async def crawl():
        async with ledger_on(database_url):
            async with ledger_on(database_url, query="bear"):
                pass
            with pytest.raises(CrawlBusy, match="already being run by process"):
                async with ledger_on(database_url):
                    pass

    asyncio.run(crawl())


def test_a_ledger_that_did_not_start_holds_nothing(database_url, monkeypatch):
    def fail(*_, **__):
        raise OperationalError("SELECT", {}, sqlite3.DatabaseError("database disk image is malformed"))

    async def first():
        with monkeypatch.context() as patch:
            patch.setattr(crawls, "open_crawl", fail)
            with pytest.raises(StorageProblem, match=r"database .* \(?database disk image is malformed"):
                await ledger.start("things", {"query": "gear"}, None, {})

    database = DatabaseThread(open_engine(database_url))
    ledger = Ledger(database, Options())
    asyncio.run(first())
    database.close()

    async def second():
        async with ledger_on(database_url):
            pass

    asyncio.run(second())


def test_a_database_that_is_not_there_yet_does_not_hold_up_the_end_of_the_process(database_url, monkeypatch):
    daemons: list[bool] = []
    prepare = round_module.prepare_schema

    def noting(engine):
        daemons.append(threading.current_thread().daemon)
        prepare(engine)

    monkeypatch.setattr(round_module, "prepare_schema", noting)

    async def crawl():
        async with ledger_on(database_url):
            pass

    asyncio.run(crawl())

    assert daemons == [True]


def test_the_clock_goes_on_after_the_newest_answer(database_url, engine):
    async def first():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            (leased,) = await take(ledger)
            ledger.acknowledge(Unit(leased.id, answer=answer(1, received_at="2999-01-01T00:00:00.000+00:00")))
            await ledger.flush()

    async def second():
        async with ledger_on(database_url) as ledger:
            return ledger.clock.now()

    asyncio.run(first())

    assert asyncio.run(second()) == "2999-01-01T00:00:00.001+00:00"


def test_the_end_is_written_down_with_the_counts(database_url, engine):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            await work(ledger)
            await ledger.finish(lambda counts, others, notes: ("partial", f"{counts['done']} {others}"))

    asyncio.run(crawl())

    with engine.connect() as connection:
        assert row(connection, tables.crawls, "verdict", "reason") == ("partial", "1 False")


def test_finishing_gives_back_what_was_leased(database_url, look):
    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, *range(1, 11))
            await take(ledger, 3)
            return await finish(ledger, "paused")

    counts = asyncio.run(crawl())

    assert (counts["queued"], counts["leased"]) == (10, 0)
    assert set(look(tables.requests, "lease_owner")) == {None}


def test_what_failed_is_tried_again_by_the_next_run(database_url, look):
    async def first():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1, 2, 3)
            states = iter(("parked", "quarantined", "gone"))
            await work(ledger, lambda leased: Unit(leased.id, next(states), "why", 5))
            await finish(ledger, "partial")

    async def second():
        async with ledger_on(database_url) as ledger:
            paths = await work(ledger)
            await finish(ledger)
            return paths

    asyncio.run(first())

    assert asyncio.run(second()) == ["/things/1", "/things/2"]
    assert look(tables.requests, "state") == ["done", "done", "gone"]


@pytest.mark.parametrize(("days", "left"), [(30.0, 0), (100_000.0, 1), (None, 1)])
@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_tells_of_people_goes_with_the_start_of_a_run_once_it_is_old(database_url, look, days, left):
    engine = open_engine(database_url)
    with engine.begin() as connection:
        like = {"user_id": 4, "thing_id": 7, "username": "amber", "last_scraped": "2020-01-01"}
        connection.execute(tables.likes.insert(), like)
    engine.dispose()

    async def crawl():
        async with ledger_on(database_url, options=Options(keep_people=days)):
            pass

    asyncio.run(crawl())

    assert len(look(tables.likes)) == left


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_file_that_something_wrote_over_ends_no_crawl_well(database_url):
    path = make_url(database_url).database

    async def crawl():
        async with ledger_on(database_url) as ledger:
            with closing(sqlite3.connect(path)) as other:
                size = other.execute("PRAGMA page_size").fetchone()[0]
                page = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'comments'").fetchone()[
                    0
                ]
            with open(path, "r+b") as file:
                file.seek((page - 1) * size)
                file.write(b"\xff" * size)
            with pytest.raises(StorageProblem, match=r"is damaged .*; restore a backup or name another file"):
                await finish(ledger)

    asyncio.run(crawl())


def test_an_end_whose_commit_nobody_heard_of_is_written_once(database_url, look, monkeypatch):
    committed = WorkerWatch.committed

    def lost(turn: WorkerWatch) -> None:
        monkeypatch.setattr(WorkerWatch, "committed", committed)
        raise DatabaseSilent("the connection was lost with the server's word on it")

    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            await work(ledger)
            monkeypatch.setattr(WorkerWatch, "committed", lost)
            return await finish(ledger)

    assert asyncio.run(crawl())["done"] == 1
    assert look(tables.crawls, "verdict") == ["complete"]


def test_what_was_in_flight_when_the_clock_was_set_back_is_not_put_off(database_url, engine, look):
    dead = {"state": "leased", "lease_owner": "dead", "lease_until": 1.0, "delay": 1.0}

    async def crawl():
        async with ledger_on(database_url) as ledger:
            seed(ledger, 1)
            await take(ledger)
        with writing(engine) as connection:
            connection.execute(update(tables.requests).values(available_at=time.time() + 1200, **dead))
        async with ledger_on(database_url) as ledger:
            await take(ledger)

    asyncio.run(crawl())

    assert look(tables.requests, "state") == ["leased"]
    assert look(tables.requests, "lease_owner") != ["dead"]
