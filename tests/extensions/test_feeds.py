"""After any death a feed holds each item of the crawl once, and every line parses."""

import asyncio
import csv
import json
import os
from collections.abc import Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from scrapy import signals
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.http import TextResponse
from sqlalchemy import update

from tests.extensions.feeding import close_files, crawl_things, detail
from tests.support.desk import Desk, desk
from tests.support.making import rows
from tests.support.working import expire
from tvspiders.extensions.feeds import followed, strict
from tvspiders.extensions.feeds.ledger_feeds import LedgerFeeds
from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing


@asynccontextmanager
async def feeding(
    url: str,
    path: Path,
    format: str = "jsonlines",  # noqa: A002
    overwrite: bool = True,
    **changes: Any,
):
    """A crawl with one feed, killed at the end unless it was closed."""
    options = {str(path): {"format": format, "overwrite": overwrite}}
    async with desk(url, FEEDS=options, **changes) as bench:
        feeds = LedgerFeeds.from_crawler(bench.crawler)
        await feeds.open_spider(bench.spider)
        yield bench, feeds
        close_files(feeds)


async def cut_short(url: str, path: Path, query: str, numbers: Iterable[int], reason: str, overwrite: bool):
    """A run of a crawl that ends so, or is killed without a reason once its feed is ahead of the database."""
    options = {str(path): {"format": "jsonlines", "overwrite": overwrite}}
    async with desk(url, {"query": query}, FEEDS=options) as bench:
        feeds = LedgerFeeds.from_crawler(bench.crawler)
        await feeds.open_spider(bench.spider)
        await crawl_things(bench, *numbers)
        if reason:
            await bench.scheduler._close(reason)
        close_files(feeds)


def ids(path: Path) -> list[int]:
    """Numbers of the things in a feed; every line must parse, for every way of splitting lines."""
    text = path.read_bytes().decode("utf-8")
    assert text.splitlines() == text.split("\n")[:-1]
    return [json.loads(line)["id"] for line in text.splitlines() if json.loads(line)["kind"] == "thing"]


def test_a_feed_holds_what_the_database_holds(database_url, tmp_path, engine):
    path = tmp_path / "things.jsonl"

    async def crawl():
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, *range(1, 8))
            await bench.scheduler._close("finished")

    asyncio.run(crawl())

    with engine.connect() as connection:
        assert sorted(ids(path)) == rows(connection, tables.things, "id") == list(range(1, 8))
    names = {item["id"]: item["name"] for item in map(json.loads, path.read_text("utf-8").splitlines())}
    assert names == {number: detail(number)["name"] for number in range(1, 8)}


def test_an_item_that_is_not_on_disk_is_not_in_the_feed(database_url, tmp_path):
    path = tmp_path / "things.jsonl"

    async def crawl():
        async with feeding(database_url, path) as (bench, _):
            signal = signals.item_scraped
            await bench.crawler.signals.send_catch_log_async(signal, item=Thing(id=7), spider=bench.spider)
            assert path.read_bytes() == b""

    asyncio.run(crawl())


class Rename:
    """A user's pipeline that changes names and drops every third thing."""

    def process_item(self, item):
        if isinstance(item, Thing):
            if item.id % 3 == 0:
                raise DropItem("no")
            item.name = f"new {item.name}"
        return item


class More:
    """A user's spider middleware that adds an item of its own to each thing."""

    async def process_spider_output(self, response, result):
        async for output in result:
            yield output
            if isinstance(output, Thing):
                yield {"of": output.id}


@pytest.mark.parametrize("format_", ["jsonlines", "json"])
def test_what_a_resumed_crawl_adds_again_has_passed_the_users_components(database_url, tmp_path, format_):
    path = tmp_path / "things.feed"
    components = {"ITEM_PIPELINES": {Rename: 500}, "SPIDER_MIDDLEWARES": {More: 500}}

    async def run(*numbers, end=False):
        async with feeding(database_url, path, format_, **components) as (bench, _):
            await crawl_things(bench, *numbers)
            if end:
                await bench.scheduler._close("finished")

    asyncio.run(run(1, 2, 3))
    expire(database_url)
    asyncio.run(run(4, end=True))

    text = path.read_text("utf-8")
    items = json.loads(text) if format_ == "json" else [json.loads(line) for line in text.splitlines()]
    things = {item["id"]: item["name"] for item in items if item.get("kind") == "thing"}
    assert things == {number: f"new {detail(number)['name']}" for number in (1, 2, 4)}
    assert sorted(item["of"] for item in items if "of" in item) == [1, 2, 3, 4]
    assert len([item for item in items if item.get("kind") == "thing"]) == 3


def test_a_resumed_crawl_goes_on_in_its_feed(database_url, tmp_path):
    path = tmp_path / "things.jsonl"

    async def run(*numbers):
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, *numbers)
            await bench.scheduler._close("shutdown")

    asyncio.run(run(1, 2))
    before = path.read_bytes()
    asyncio.run(run(3))

    assert path.read_bytes().startswith(before)
    assert ids(path) == [1, 2, 3]


def test_a_killed_crawl_leaves_no_gap_and_no_double(database_url, tmp_path):
    path = tmp_path / "things.jsonl"

    async def run(*numbers, end=False):
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, *numbers)
            if end:
                await bench.scheduler._close("finished")

    for number in (1, 3, 5):
        asyncio.run(run(number, number + 1))
        expire(database_url)
    asyncio.run(run(7, end=True))

    assert sorted(ids(path)) == list(range(1, 8))


@pytest.fixture
def backend():
    return "sqlite"


def place(url: str, **values: int) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(update(tables.feeds).values(**values))
    engine.dispose()


@pytest.fixture
def interrupted(database_url, tmp_path) -> tuple[str, Path, dict[str, int]]:
    """A crawl of seven things that was interrupted, with its feed and the feed's place."""
    path = tmp_path / "things.jsonl"

    async def crawl():
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, *range(1, 8))
            await bench.scheduler._close("shutdown")

    asyncio.run(crawl())
    engine = open_engine(database_url)
    with engine.connect() as connection:
        (found,) = rows(connection, tables.feeds)
    engine.dispose()
    return database_url, path, {name: found[name] for name in ("base", "offset", "answer_id")}


async def resume(bench: Desk) -> None:
    """Open the feeds of a resumed crawl, and close them."""
    bench.ledger.sinks.clear()
    feeds = LedgerFeeds.from_crawler(bench.crawler)
    await feeds.open_spider(bench.spider)
    await feeds.finish()


def resume_each(url: str, path: Path, states: Iterable[tuple[bytes, dict[str, int]]]) -> list[list[int]]:
    """Resume one crawl again and again, each time over another state of its feed and of the feed's place."""
    found: list[list[int]] = []

    async def crawl():
        async with desk(url, FEEDS={str(path): {"format": "jsonlines", "overwrite": True}}) as bench:
            for content, where in states:
                path.write_bytes(content)
                if where:
                    place(url, **where)
                await resume(bench)
                found.append(ids(path))

    asyncio.run(crawl())
    return found


@pytest.fixture(params=[range(1, 201, 2), pytest.param(range(1, 201), marks=pytest.mark.long)], ids=len)
def lengths(request):
    """Bytes that the end of a feed has too few or too many."""
    return request.param


def test_a_feed_cut_anywhere_is_made_whole(interrupted, lengths):
    url, path, _ = interrupted
    whole = path.read_bytes()

    found = resume_each(url, path, ((path.read_bytes()[:-cut], {}) for cut in lengths))

    assert found == [list(range(1, 8))] * len(lengths)
    assert path.read_bytes() == whole


def test_what_was_written_after_the_last_commit_is_cut_off(interrupted, lengths):
    """The feed was ahead of the database when the process died, by a torn line of each length."""
    url, path, _ = interrupted
    whole = path.read_bytes()

    found = resume_each(url, path, ((whole + whole[:extra], {}) for extra in lengths))

    assert found == [list(range(1, 8))] * len(lengths)


def test_the_place_may_lag_behind_by_any_number_of_answers(interrupted):
    url, path, where = interrupted
    whole = path.read_bytes()
    ends = [0, *(at + 1 for at, byte in enumerate(whole) if byte == 10)]

    behind = ((whole, where | {"offset": end, "answer_id": done}) for done, end in enumerate(ends))
    found = resume_each(url, path, behind)

    assert found == [list(range(1, 8))] * len(ends)


def test_a_feed_that_was_deleted_is_made_again(interrupted):
    url, path, _ = interrupted
    path.unlink()

    async def crawl():
        async with desk(url, FEEDS={str(path): {"format": "jsonlines", "overwrite": True}}) as bench:
            await resume(bench)

    asyncio.run(crawl())

    assert sorted(ids(path)) == list(range(1, 8))


def test_a_feed_may_get_another_name_half_way(interrupted, tmp_path):
    url, path, _ = interrupted
    before, other = path.read_bytes(), tmp_path / "new" / "other.jsonl"

    async def crawl():
        async with feeding(url, other) as (bench, _):
            await crawl_things(bench, 8)
            await bench.scheduler._close("finished")

    asyncio.run(crawl())

    assert sorted(ids(other)) == list(range(1, 9))
    assert path.read_bytes() == before


def test_appending_keeps_what_was_there_and_mends_its_torn_end(database_url, tmp_path):
    path = tmp_path / "things.jsonl"
    path.write_bytes(b'{"kind":"thing","id":100}\n{"kind":"thi')

    async def run(*numbers, reason):
        async with feeding(database_url, path, overwrite=False) as (bench, _):
            await crawl_things(bench, *numbers)
            await bench.scheduler._close(reason)

    asyncio.run(run(1, reason="shutdown"))
    asyncio.run(run(2, reason="finished"))

    assert ids(path) == [100, 1, 2]


def test_a_new_round_overwrites_the_feed_of_the_last(database_url, tmp_path):
    path = tmp_path / "things.jsonl"

    async def run(*numbers):
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, *numbers)
            await bench.scheduler._close("finished")

    asyncio.run(run(1, 2, 3))
    asyncio.run(run(1))

    assert ids(path) == [1]


def test_another_format_is_written_whole_by_each_run(database_url, tmp_path):
    path = tmp_path / "things.csv"

    async def run(*numbers):
        async with feeding(database_url, path, format="csv") as (bench, _):
            await crawl_things(bench, *numbers)
            await bench.scheduler._close("shutdown")

    asyncio.run(run(1, 2))
    asyncio.run(run(3))

    with path.open(encoding="utf-8") as file:
        things = [row["id"] for row in csv.DictReader(file) if row["kind"] == "thing"]
    assert things == ["1", "2", "3"]


def test_a_table_has_a_column_for_every_field_of_every_item(database_url, tmp_path):
    path = tmp_path / "things.csv"

    async def run():
        async with feeding(database_url, path, format="csv") as (bench, _):
            bench.ask("/things/2", callback=bench.spider.parse_thing, cb_kwargs={"thing_id": 2})
            (request,) = await bench.next(1)
            body = json.dumps(detail(2) | {"creator": {"id": 7, "name": "pia"}, "ancestors": [1]}).encode()
            response = TextResponse(request.url, body=body, request=request)
            await bench.answer(request, list(bench.spider.parse_thing(response, 2)), body)
            await bench.scheduler._close("finished")

    asyncio.run(run())

    with path.open(encoding="utf-8") as file:
        by_kind = {row["kind"]: row for row in csv.DictReader(file)}
    assert by_kind["thing"]["creator_id"] == by_kind["creator"]["id"] == "7"
    assert by_kind["creator"]["username"] == "pia"
    assert (by_kind["edge"]["parent_id"], by_kind["edge"]["child_id"]) == ("1", "2")


def test_a_feed_in_a_place_that_cannot_be_written_ends_the_crawl(database_url, tmp_path):
    (tmp_path / "file").write_text("")

    async def crawl():
        path = tmp_path / "file" / "things.jsonl"
        async with desk(database_url, FEEDS={str(path): {"format": "jsonlines"}}) as bench:
            feeds = LedgerFeeds.from_crawler(bench.crawler)
            with pytest.raises(CloseSpider):
                await feeds.open_spider(bench.spider)
            close_files(feeds)
            return bench.scheduler.problem

    assert "things.jsonl cannot be written (" in asyncio.run(crawl())


def test_a_full_disk_ends_the_crawl_and_the_next_run_fills_the_gap(database_url, tmp_path, monkeypatch):
    path = tmp_path / "things.jsonl"

    def full(*_):
        raise OSError(28, os.strerror(28))

    async def first():
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, 1)
            with monkeypatch.context() as patch:
                patch.setattr(strict.FeedExporter, "item_scraped", full)
                await crawl_things(bench, 2)
                while not bench.ledger.failure:
                    await asyncio.sleep(0.001)
            return bench.ledger.failure

    async def second():
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, 3)
            await bench.scheduler._close("finished")

    assert "things.jsonl cannot be written (No space left" in asyncio.run(first())
    asyncio.run(second())

    assert sorted(ids(path)) == [1, 2, 3]


@pytest.mark.parametrize("reason", ["shutdown", ""])
def test_two_crawls_take_turns_in_one_file(database_url, tmp_path, reason):
    path = tmp_path / "things.jsonl"

    async def turns():
        await cut_short(database_url, path, "gear", (1, 2), reason, False)
        await cut_short(database_url, path, "bear", (11, 12), reason, False)
        await cut_short(database_url, path, "gear", (3,), reason, False)
        await cut_short(database_url, path, "bear", (13,), "finished", False)
        await cut_short(database_url, path, "gear", (4,), "finished", False)

    asyncio.run(turns())

    assert sorted(ids(path)) == [1, 2, 3, 4, 11, 12, 13]


@pytest.mark.parametrize("reason", ["shutdown", ""])
def test_a_feed_that_another_crawl_has_overwritten_is_made_anew(database_url, tmp_path, reason):
    path = tmp_path / "things.jsonl"

    async def turns():
        await cut_short(database_url, path, "gear", (1, 2), reason, True)
        await cut_short(database_url, path, "bear", range(11, 18), "finished", True)
        assert sorted(ids(path)) == list(range(11, 18))
        await cut_short(database_url, path, "gear", (3,), "finished", True)

    asyncio.run(turns())

    assert sorted(ids(path)) == [1, 2, 3]


def test_a_crawl_that_did_not_get_the_file_has_no_place_in_it(database_url, tmp_path):
    path = tmp_path / "things.jsonl"

    async def crawl():
        async with feeding(database_url, path, overwrite=False) as (one, _):
            await crawl_things(one, 1)
            with pytest.raises(CloseSpider):
                await cut_short(database_url, path, "bear", (), "storage", False)
            await crawl_things(one, 2)
            await one.scheduler._close("finished")
        await cut_short(database_url, path, "bear", (11,), "finished", False)

    asyncio.run(crawl())

    assert ids(path) == [1, 2, 11]


def test_what_is_no_plain_file_is_written_as_scrapy_does(database_url):
    async def crawl():
        async with feeding(database_url, Path("/dev/null")) as (bench, _):
            await crawl_things(bench, 1)
            await bench.scheduler._close("finished")
            return bench.scheduler.ending

    assert asyncio.run(crawl()).verdict == "complete"


@pytest.mark.parametrize("format", ["jsonlines", "csv"])
def test_a_crawl_that_is_refused_leaves_its_owners_feed_alone(database_url, tmp_path, format):  # noqa: A002
    path = tmp_path / "things.out"
    options = {str(path): {"format": format, "overwrite": True}}

    async def refused():
        async with desk(database_url, FEEDS=options) as two:
            feeds = LedgerFeeds.from_crawler(two.crawler)
            await feeds.open_spider(two.spider)
            await feeds.close_spider(two.spider)
            return two.scheduler.problem

    async def crawl():
        async with feeding(database_url, path, format) as (one, _):
            await crawl_things(one, 6, 12)
            problem = await refused()
            await crawl_things(one, 18)
            await one.scheduler._close("finished")
            return problem

    assert "already being run" in asyncio.run(crawl())
    content = path.read_bytes()
    assert b"\0" not in content
    assert [content.count(b"Gear %d" % number) for number in (6, 12, 18)] == [1, 1, 1]


def test_a_feed_that_lacks_what_the_database_cannot_give_ends_the_crawl(interrupted):
    url, path, _ = interrupted
    path.unlink()
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(update(tables.answers).values(body=b"no such thing"))
    engine.dispose()

    async def crawl():
        async with desk(url, FEEDS=one_feed(path)) as bench:
            feeds = LedgerFeeds.from_crawler(bench.crawler)
            with pytest.raises(CloseSpider):
                await feeds.open_spider(bench.spider)
            await feeds.close_spider(bench.spider)
            return bench.scheduler.problem

    assert "things.jsonl cannot be completed: a stored answer is damaged" in asyncio.run(crawl())


def test_a_disk_that_was_full_for_a_moment_doubles_nothing(database_url, tmp_path, monkeypatch):
    path = tmp_path / "things.jsonl"
    write = strict.FeedExporter.item_scraped

    def full_after(feeds, item, spider):
        write(feeds, item, spider)
        raise OSError(28, os.strerror(28))

    async def run(*numbers, reason):
        async with feeding(database_url, path) as (bench, _):
            await crawl_things(bench, *numbers)
            await bench.scheduler._close(reason)
            return bench.scheduler.ending

    with monkeypatch.context() as patch:
        patch.setattr(strict.FeedExporter, "item_scraped", full_after)
        ending = asyncio.run(run(1, reason="storage"))
    asyncio.run(run(2, reason="finished"))

    assert (ending.verdict, "things.jsonl cannot be written" in ending.line) == ("failed", True)
    assert sorted(ids(path)) == [1, 2]


@pytest.mark.parametrize("backend", ["postgresql"])
def test_two_workers_do_not_write_one_file(database_url, tmp_path):
    path = tmp_path / "things.jsonl"

    async def crawl():
        async with feeding(database_url, path) as (one, _), desk(database_url, FEEDS=one_feed(path)) as two:
            await crawl_things(one, 1, 2)
            feeds = LedgerFeeds.from_crawler(two.crawler)
            with pytest.raises(CloseSpider):
                await feeds.open_spider(two.spider)
            await crawl_things(one, 3)
            return two.scheduler.problem

    problem = asyncio.run(crawl())

    assert "another process is writing it" in problem
    assert sorted(ids(path)) == [1, 2, 3]


@pytest.mark.parametrize("backend", ["postgresql"])
def test_workers_on_two_machines_may_use_the_same_path(database_url, tmp_path, monkeypatch):
    async def run(machine: str, number: int):
        monkeypatch.setattr(followed.socket, "gethostname", lambda: machine)
        folder = tmp_path / machine
        folder.mkdir(exist_ok=True)
        monkeypatch.chdir(folder)
        async with feeding(database_url, Path("things.jsonl")) as (bench, _):
            await crawl_things(bench, number)
            await bench.scheduler._close("shutdown")

    for number in range(1, 5):
        asyncio.run(run(("sun", "moon")[number % 2], number))

    assert ids(tmp_path / "moon" / "things.jsonl") == [1, 3]
    assert ids(tmp_path / "sun" / "things.jsonl") == [2, 4]


def one_feed(path: Path) -> dict[str, dict[str, Any]]:
    return {str(path): {"format": "jsonlines", "overwrite": True}}
