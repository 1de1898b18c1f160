"""A database that goes back in time under a running crawl: nothing is lost, and nothing doubled."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import TextResponse
from sqlalchemy import insert

from tests.support.desk import Desk, desk
from tests.support.making import asked, rows
from tests.support.working import finish, until
from tvspiders.errors import DatabaseChanged, StorageProblem
from tvspiders.extensions.feeds.ledger_feeds import LedgerFeeds
from tvspiders.items import Thing
from tvspiders.ledger.writing import worker_watch
from tvspiders.storage import tables
from tvspiders.storage.database.engine import DATABASE_CHANGED, writing
from tvspiders.storage.tables import metadata

State = dict[str, list[dict[str, Any]]]


def kept(engine) -> State:
    """All that a database holds."""
    with engine.connect() as connection:
        return {table.name: rows(connection, table) for table in metadata.sorted_tables}


def put_back(engine, state: State) -> None:
    """What it held then is all that it holds now, and requests get the numbers again that they had."""
    last = max((request["id"] for request in state["requests"]), default=0)
    with writing(engine) as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
            if state[table.name]:
                connection.execute(insert(table), state[table.name])
        if engine.dialect.name == "postgresql":
            sequence = "pg_get_serial_sequence('requests', 'id')"
            connection.exec_driver_sql(f"SELECT setval({sequence}, {max(1, last)}, {last > 0})")
        else:
            connection.exec_driver_sql(f"UPDATE sqlite_sequence SET seq = {last} WHERE name = 'requests'")


async def ask(bench: Desk, *numbers: int) -> list[Any]:
    """Requests for things' own pages, handed out."""
    for number in numbers:
        bench.ask(f"/things/{number}", callback=bench.spider.parse_thing, cb_kwargs={"thing_id": number})
    return await bench.next(len(numbers))


async def answer(bench: Desk, request: Any) -> None:
    number = request.cb_kwargs["thing_id"]
    body = json.dumps({"id": number, "name": f"thing {number}"}).encode()
    response = TextResponse(request.url, body=body, request=request)
    await bench.answer(request, list(bench.spider.parse_thing(response, number)), body)


async def opened_again(bench: Desk, times: int = 1) -> None:
    bench.ledger.add(asked(999))
    await until(lambda: bench.stat("tv/ledger/opened_again") == times and not bench.ledger._recovery.at_work)


def test_what_was_stored_and_is_lost_is_asked_again(database_url, engine, look):
    async def crawl():
        async with desk(database_url) as bench:
            first, second = await ask(bench, 1, 2)
            await answer(bench, first)
            await bench.ledger.flush()
            state = kept(engine)
            await answer(bench, second)
            await bench.ledger.flush()
            put_back(engine, state)
            await opened_again(bench)
            again = [request.url for request in await bench.next(2)]
            return second.url in again, bench.stat("tv/ledger/opened_again")

    assert asyncio.run(crawl()) == (True, 1)
    assert look(tables.things, "id") == [1]


def test_what_the_process_remembers_of_it_is_not_left_out_as_known(database_url, engine, look):
    async def crawl():
        async with desk(database_url) as bench:
            await ask(bench, 1)
            bench.scheduler.known.remember([Thing(id=7, name="gear")])
            with writing(engine) as connection:
                connection.execute(tables.crawl_workers.update().values(turn=0))
            await opened_again(bench)
            return Thing(id=7, name="gear") in bench.scheduler.known

    assert asyncio.run(crawl()) is False


def test_an_answer_that_was_under_way_meanwhile_belongs_to_no_request_of_the_same_number(
    database_url, engine, look
):
    async def crawl():
        async with desk(database_url) as bench:
            state = kept(engine)
            (old,) = await ask(bench, 1)
            put_back(engine, state)
            await opened_again(bench)
            bench.ask("/things/2", callback=bench.spider.parse_thing, cb_kwargs={"thing_id": 2})
            new = await bench.next(1)
            await answer(bench, old)
            bench.scheduler.enqueue_request(old)  # as a retry does
            await bench.ledger.flush()
            return old.meta["tv_id"], [request.meta["tv_id"] for request in new]

    old, new = asyncio.run(crawl())

    assert old < min(new)
    assert look(tables.things, "id") == []
    assert set(look(tables.requests, "state")) == {"leased"}


def test_an_answer_that_was_being_read_meanwhile_is_not_stored(database_url, engine, look):
    async def crawl():
        async with desk(database_url) as bench:
            (request,) = await ask(bench, 1)

            async def meanwhile(response: Any, thing_id: int) -> AsyncIterator[Thing | Request]:
                with writing(engine) as connection:
                    connection.execute(tables.crawl_workers.delete())
                await opened_again(bench)
                yield Thing(id=thing_id, name="gear")
                yield Request(
                    request.url + "0", callback=bench.spider.parse_thing, cb_kwargs={"thing_id": 10}
                )

            being_read = request.replace(callback=meanwhile)
            response = TextResponse(request.url, body=b'{"id": 1, "name": "gear"}', request=being_read)
            await asyncio.create_task(bench.scraper._scrape(response, being_read))
            await asyncio.sleep(0)
            await bench.ledger.flush()
            return bench.scheduler.problem

    problem = asyncio.run(crawl())

    assert problem is None
    assert look(tables.things, "id") == []
    assert "/things/10" not in look(tables.requests, "path")
    assert "done" not in look(tables.requests, "state")


def test_start_requests_that_the_database_lost_are_queued_again(database_url, engine, look):
    async def crawl():
        async with desk(database_url) as bench:
            state = kept(engine)
            async for request in bench.spider.start():
                bench.scheduler.enqueue_request(request)
            await bench.ledger.flush()
            put_back(engine, state)
            with writing(engine) as connection:
                connection.execute(tables.crawl_workers.update().values(turn=77))
            await opened_again(bench)
            return [request.url for request in await bench.next(1)]

    (url,) = asyncio.run(crawl())

    assert "/search/gear" in url


def test_others_are_told_that_the_database_is_another_one(database_url, engine):
    told: list[bool] = []

    async def crawl():
        async with desk(database_url) as bench:
            hear = lambda: told.append(True)  # noqa: E731  (kept alive for the signal)
            bench.crawler.signals.connect(hear, signal=DATABASE_CHANGED, weak=False)
            with writing(engine) as connection:
                connection.execute(tables.crawl_workers.update().values(turn=77))
            await opened_again(bench)

    asyncio.run(crawl())

    assert told == [True]


def test_a_job_of_a_component_opens_the_crawl_anew_as_well(database_url, engine):
    async def crawl():
        async with desk(database_url) as bench:
            await ask(bench, 1)
            await bench.ledger.flush()
            with writing(engine) as connection:
                connection.execute(tables.crawl_workers.delete())
            with pytest.raises(DatabaseChanged):
                await bench.ledger.run(lambda connection: None)
            return await bench.ledger.run(lambda connection: 7), bench.stat("tv/ledger/opened_again")

    assert asyncio.run(crawl()) == (7, 1)


def test_the_end_is_not_written_into_a_database_that_went_back(database_url, engine, look):
    async def crawl():
        async with desk(database_url) as bench:
            await bench.ledger.flush()
            with writing(engine) as connection:
                connection.execute(tables.crawl_workers.update().values(turn=77))
            with pytest.raises(DatabaseChanged):
                await finish(bench.ledger)

    asyncio.run(crawl())

    assert look(tables.crawls, "verdict") == ["running"]


def test_the_last_look_before_the_end_meets_a_database_that_went_back(database_url, engine):
    async def crawl():
        async with desk(database_url) as bench:
            await bench.ledger.flush()
            with writing(engine) as connection:
                connection.execute(tables.crawl_workers.update().values(turn=77))
            await bench.ledger.confirm()
            first = bench.ledger.confirmed
            await bench.ledger.confirm()
            return first, bench.ledger.confirmed

    assert asyncio.run(crawl()) == (False, True)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_database_that_goes_back_again_and_again_ends_the_crawl(database_url, engine, monkeypatch):
    def changed(*_):
        raise DatabaseChanged("it went back")

    async def crawl():
        async with desk(database_url) as bench:
            monkeypatch.setattr(worker_watch.WorkerWatch, "begin", changed)
            bench.ledger.add(asked(999))
            await until(lambda: bench.ledger.failure)
            return bench.ledger.failure

    assert asyncio.run(crawl()) == "it went back"


def things_of(path) -> list[int]:
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [line["id"] for line in lines if line["kind"] == "thing"]


@pytest.mark.parametrize("kind", ["jsonlines", "json", "csv"])
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_feed_is_cut_to_what_the_database_knows(database_url, engine, tmp_path, kind):
    path = tmp_path / "out"

    async def crawl():
        options = {str(path): {"format": kind, "overwrite": True}}
        async with desk(database_url, FEEDS=options) as bench:
            feeds = LedgerFeeds.from_crawler(bench.crawler)
            await feeds.open_spider(bench.spider)
            first, second, third = await ask(bench, 1, 2, 3)
            await answer(bench, first)
            await bench.ledger.flush()
            state = kept(engine)
            await answer(bench, second)
            await answer(bench, third)
            await bench.ledger.flush()
            put_back(engine, state)
            await opened_again(bench)
            for request in sorted(await bench.next(2), key=lambda request: request.url, reverse=True):
                await answer(bench, request)
            await bench.ledger.flush()
            await bench.scheduler._close("finished")

    asyncio.run(crawl())

    text = path.read_text("utf-8")
    if kind == "jsonlines":
        assert things_of(path) == [1, 3, 2]
    assert [text.count(f"thing {number}") for number in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_feed_of_the_same_length_with_something_else_in_it_is_written_again(database_url, engine, tmp_path):
    """The older state was gone on with in another order, and then the newer one came back."""
    path = tmp_path / "out.jsonl"

    async def crawl():
        options = {str(path): {"format": "jsonlines", "overwrite": True}}
        async with desk(database_url, FEEDS=options) as bench:
            feeds = LedgerFeeds.from_crawler(bench.crawler)
            await feeds.open_spider(bench.spider)
            first, second, *_ = await ask(bench, 1, 2, 3, 4)
            older = kept(engine)
            for request in (first, second):
                await answer(bench, request)
            await bench.ledger.flush()
            bench.ledger.add(asked(999))
            await bench.ledger.flush()
            newer = kept(engine)
            put_back(engine, older)
            await opened_again(bench)
            taken = {request.cb_kwargs.get("thing_id"): request for request in await bench.next(4)}
            for number in (4, 3, 2):
                await answer(bench, taken[number])
            await bench.ledger.flush()
            put_back(engine, newer)
            await opened_again(bench, 2)
            await bench.scheduler._close("shutdown")

    asyncio.run(crawl())

    assert things_of(path) == [1, 2]


def test_a_feed_that_has_lost_its_name_is_told(tmp_path, database_url):
    path = tmp_path / "out.jsonl"

    async def crawl():
        options = {str(path): {"format": "jsonlines", "overwrite": True}}
        async with desk(database_url, FEEDS=options) as bench:
            feeds = LedgerFeeds.from_crawler(bench.crawler)
            await feeds.open_spider(bench.spider)
            (request,) = await ask(bench, 1)
            await answer(bench, request)
            await bench.ledger.flush()
            path.unlink()
            with pytest.raises(StorageProblem, match=r"out\.jsonl was deleted or replaced"):
                await feeds.finish()

    asyncio.run(crawl())
