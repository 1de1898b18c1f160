"""A round of ``refresh`` begins with stored things, chosen when it is opened."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from scrapy import Spider
from scrapy.utils.test import get_crawler
from sqlalchemy import Connection

from tests.support.making import met, open_crawl, rows, store
from tests.support.working import PATIENCE, finish, kill, ledger_on, take, work
from tvspiders.errors import StorageProblem
from tvspiders.items import Thing
from tvspiders.ledger.in_flight import Options
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.ledger.selection import First, choose, first_requests
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.spiders.refresh import RefreshSpider
from tvspiders.spiders.things import ThingsSpider
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.queue import crawls
from tvspiders.storage.units import NewRequest

API = "https://api.thingiverse.com"
NOW = 1_800_000_000.0


def spider(kind: type[Spider] = RefreshSpider, **arguments: Any) -> Spider:
    return kind.from_crawler(
        get_crawler(kind, {"THINGIVERSE_API_URL": API, "SCHEDULER": LedgerScheduler}), **arguments
    )


def stored(connection: Connection, *ids: int) -> None:
    crawl = open_crawl(connection)
    for second, number in enumerate(ids):
        page = Thing(id=number, detail=True, download_count=100 * number)
        store(connection, crawl, met(second, page), second=second)


def test_things_are_asked_by_why_they_were_chosen(connection):
    stored(connection, 1, 2, 3)
    first = first_requests(spider(watch="1,thing:9", max_requests="3"), API, lambda: NOW)
    assert first is not None

    found = first(connection)

    assert [(new.path, new.callback) for new in found] == [
        ("/things/9", "parse_thing"),
        ("/things/1", "parse_thing"),
        ("/things/3", "parse_thing"),
    ]
    assert [new.priority for new in found] == sorted([new.priority for new in found], reverse=True)
    assert found[1].priority > found[2].priority


def test_a_choice_is_told_in_one_line(connection, caplog):
    stored(connection, 1, 2)

    with caplog.at_level("INFO"):
        choose(connection, lambda: NOW, None, watched=[2])

    assert "1 watched, 0 that moved in a list, 1 by expected gain" in caplog.text


def test_a_spider_that_makes_its_own_requests_chooses_nothing():
    assert first_requests(spider(ThingsSpider, query="gear"), API, lambda: NOW) is None


async def start(ledger: Ledger, first: First) -> None:
    await ledger.start("refresh", {}, None, {"version": "1.0"}, first)


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    ("end", "then"),
    [
        (crawls.COMPLETE, ["/things/3"]),
        (crawls.PAUSED, ["/things/3"]),
        (crawls.PARTIAL, ["/things/3"]),
        (crawls.INTERRUPTED, ["/things/1", "/things/2"]),
        (None, ["/things/1", "/things/2"]),
    ],
)
def test_only_a_round_that_was_cut_short_goes_on_with_its_choice(database_url, end, then):
    async def crawl(numbers: list[int], verdict: str | None) -> list[str]:
        ledger = Ledger(DatabaseThread(open_engine(database_url)), Options())
        chosen = [NewRequest(f"/things/{number}", "parse_thing") for number in numbers]
        try:
            async with asyncio.timeout(PATIENCE):
                await start(ledger, lambda connection: chosen)
                if verdict == "work":
                    return await work(ledger)
                await take(ledger)
                if verdict is not None:
                    await finish(ledger, verdict)
                return []
        finally:
            kill(ledger)

    asyncio.run(crawl([1, 2], end))

    assert asyncio.run(crawl([3], "work")) == then


def test_a_round_without_its_choice_is_not_begun(database_url):
    def broken(connection: Connection) -> list[NewRequest]:
        raise ValueError("no choice")

    async def opened() -> None:
        ledger = Ledger(DatabaseThread(open_engine(database_url)), Options())
        try:
            with pytest.raises(StorageProblem, match="no choice"):
                await start(ledger, broken)
        finally:
            kill(ledger)

    asyncio.run(opened())

    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert rows(connection, crawls.crawls, "id") == []
    engine.dispose()


def test_other_crawls_go_on_after_a_pause(sqlite_url):
    async def rounds() -> list[int]:
        numbers = []
        for _ in range(2):
            async with ledger_on(sqlite_url) as ledger:
                assert ledger.crawl is not None
                numbers.append(ledger.crawl.round)
                await finish(ledger, crawls.PAUSED)
        return numbers

    assert asyncio.run(rounds()) == [1, 1]
