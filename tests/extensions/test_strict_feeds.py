"""Batches hold each item once over any number of runs; what is not stored is never passed over."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from scrapy.exceptions import CloseSpider

from tests.extensions.feeding import close_files, crawl_things
from tests.support.desk import desk, make_crawler
from tests.support.working import expire
from tvspiders.console.audit_tables import print_audit
from tvspiders.errors import ConfigProblem, TvspidersError, UsageProblem
from tvspiders.extensions.feeds.file import ResumableFile
from tvspiders.extensions.feeds.ledger_feeds import LedgerFeeds
from tvspiders.storage.queries.audit import audit_crawl
from tvspiders.storage.queue.crawls import find_crawl
from tvspiders.storage.queue.feeds import FeedItems, items_of, note_items

NAMES = ["things-%(batch_id)d.jsonl", "things-%(batch_time)s.jsonl"]


async def run(url, address, *numbers, reason="", **options):
    """A run with batches of four that ends so, or is killed."""
    wanted = {"format": "jsonlines", "overwrite": True, "batch_item_count": 4} | options
    async with desk(url, FEEDS={str(address): wanted}) as bench:
        feeds = LedgerFeeds.from_crawler(bench.crawler)
        await feeds.open_spider(bench.spider)
        await crawl_things(bench, *numbers)
        if reason:
            await bench.scheduler._close(reason)
        close_files(feeds)
        return bench.scheduler.ending


def batches(folder: Path) -> list[list[int]]:
    """Numbers of the things in each file."""
    texts = [path.read_text("utf-8") for path in sorted(folder.iterdir())]
    return [[json.loads(line)["id"] for line in text.splitlines()] for text in texts]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reason", ["shutdown", ""])
def test_batches_hold_each_item_once_and_no_more_than_they_may(database_url, tmp_path, name, reason):
    folder = tmp_path / "batches"

    asyncio.run(run(database_url, folder / name, 1, 2, 3, 4, 5, 6, reason=reason))
    expire(database_url)
    asyncio.run(run(database_url, folder / name, 7, reason=reason))
    expire(database_url)
    ending = asyncio.run(run(database_url, folder / name, 8, 9, reason="finished"))

    assert ending.verdict == "complete"
    assert batches(folder) == [[1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_a_batch_that_was_fetched_after_a_stop_does_not_change(database_url, tmp_path):
    folder = tmp_path / "batches"

    asyncio.run(run(database_url, folder / NAMES[0], 1, 2, 3, 4, 5, reason="shutdown"))
    fetched = (folder / "things-1.jsonl").read_bytes()
    asyncio.run(run(database_url, folder / NAMES[0], 6, reason="finished"))

    assert (folder / "things-1.jsonl").read_bytes() == fetched


def test_batches_without_overwrite_are_one_crawls_own_where_their_names_have_a_time(database_url, tmp_path):
    folder = tmp_path / "batches"

    for number, reason in ((1, "shutdown"), (2, "finished"), (1, "finished")):
        asyncio.run(run(database_url, folder / NAMES[1], number, reason=reason, overwrite=False))

    assert batches(folder) == [[1, 2], [1]]


def test_batches_of_an_earlier_round_are_not_left_behind_the_last(database_url, tmp_path):
    folder = tmp_path / "batches"

    asyncio.run(run(database_url, folder / NAMES[0], *range(1, 14), reason="finished"))
    asyncio.run(run(database_url, folder / NAMES[0], *range(1, 6), reason="finished"))

    assert batches(folder) == [[1, 2, 3, 4], [5]]


def test_batches_whose_names_are_made_equal_fail_the_crawl(database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(LedgerFeeds, "_get_uri_params", lambda *_: {"batch_id": 1})

    ending = asyncio.run(run(database_url, tmp_path / NAMES[0], 1, 2, 3, 4, 5, reason="finished"))

    assert (ending.verdict, "batches have the same name" in ending.line) == ("failed", True)


def test_a_table_that_held_something_is_not_appended_to(database_url, tmp_path):
    path = tmp_path / "things.csv"
    path.write_text("mine\n")

    async def crawl():
        async with desk(database_url, FEEDS={str(path): {"format": "csv"}}) as bench:
            feeds = LedgerFeeds.from_crawler(bench.crawler)
            with pytest.raises(CloseSpider):
                await feeds.open_spider(bench.spider)
            return bench.scheduler.problem

    problem = asyncio.run(crawl())

    assert "things.csv cannot be completed: the file holds something, and csv is not appended to" in problem
    assert path.read_text() == "mine\n"


def test_a_table_that_the_crawl_began_is_written_anew_without_overwrite(database_url, tmp_path):
    path = tmp_path / "things.csv"
    plain = {"format": "csv", "overwrite": False, "batch_item_count": 0}

    asyncio.run(run(database_url, path, 1, 2, reason="shutdown", **plain))
    asyncio.run(run(database_url, path, 3, reason="", **plain))
    expire(database_url)
    ending = asyncio.run(run(database_url, path, 4, reason="finished", **plain))

    assert ending.verdict == "complete"
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("feeds", "settings", "kind", "said"),
    [
        ({"foo://a:pass-word@x": {"format": "csv"}}, {}, ConfigProblem, "feed foo://[secret]@x cannot be"),
        ({"x.hat": {"format": "hat"}}, {}, UsageProblem, "feed format 'hat' is not known; there are: csv"),
        ({"x.csv": {"format": "csv", "batch_item_count": 3}}, {}, UsageProblem, "put %(batch_id)d or"),
        ({"x.csv": {}}, {"FEED_EXPORT_BATCH_ITEM_COUNT": 3}, UsageProblem, "put %(batch_id)d or"),
        ({"%(batch_id)d.csv": {"batch_item_count": 3}}, {}, UsageProblem, "batches are not appended to"),
        ({"x.csv": {"encoding": "latin-99"}}, {}, UsageProblem, "there is no encoding 'latin-99'"),
        ({"ftp://h/x.csv": {"overwrite": False}}, {}, UsageProblem, "'overwrite': False is not accepted"),
        ({"ftp:///x.csv": {"format": "csv"}}, {}, ConfigProblem, "Got a storage URI without a hostname"),
        (
            {"s3://bucket/x.csv": {"format": "csv"}},
            {"AWS_ACCESS_KEY_ID": "half-of-a-pair"},
            ConfigProblem,
            "feed s3://bucket/x.csv cannot be written (",
        ),
    ],
)
def test_a_feed_that_cannot_be_right_is_refused(database_url, feeds, settings, kind, said):
    crawler = make_crawler(database_url, FEEDS=feeds, **settings)

    with pytest.raises(TvspidersError) as refused:
        LedgerFeeds.from_crawler(crawler)

    assert (type(refused.value), said in str(refused.value)) == (kind, True)


@pytest.mark.parametrize("store_empty", [True, False])
def test_no_items_make_a_file_only_where_that_is_wished(database_url, tmp_path, store_empty):
    path = tmp_path / "things.jsonl"
    options = {"batch_item_count": 0, "store_empty": store_empty}

    ending = asyncio.run(run(database_url, path, reason="finished", **options))

    assert (ending.verdict, path.exists()) == ("complete", store_empty)


def test_credentials_for_ftp_come_from_the_environment(database_url, monkeypatch):
    monkeypatch.setenv("FTP_USER", "anna")
    monkeypatch.setenv("FTP_PASSWORD", "pass-word")
    crawler = make_crawler(database_url, FEEDS={"ftp://host/x.csv": {"format": "csv"}})

    feeds = LedgerFeeds.from_crawler(crawler)

    storage = feeds._get_storage("ftp://host/x.csv", {})
    assert (storage.username, storage.password) == ("anna", "pass-word")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (NAMES[0], {}),
        ("things.jsonl", {"batch_item_count": 0}),
        ("things.csv", {"format": "csv", "batch_item_count": 0}),
    ],
)
def test_the_audit_says_how_many_items_a_feed_was_due_and_holds(
    database_url, tmp_path, engine, name, options
):
    path = tmp_path / name

    asyncio.run(run(database_url, path, 1, 2, 3, reason="", **options))
    expire(database_url)
    asyncio.run(run(database_url, path, 4, 5, reason="finished", **options))

    with engine.connect() as connection:
        crawl = find_crawl(connection, None)
        assert crawl is not None
        audit = audit_crawl(connection, crawl)
    assert audit.feeds == [FeedItems(str(path), 5, 5)]
    assert audit.closes
    console = Console(file=io.StringIO(), width=200)
    print_audit(audit, console)
    assert f"feed {path}: 5 items due, 5 stored\n" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_complete_crawl_whose_feed_holds_less_does_not_close(database_url, tmp_path, engine):
    path = tmp_path / NAMES[0]
    asyncio.run(run(database_url, path, 1, 2, reason="finished"))

    with engine.begin() as connection:
        note_items(connection, 1, {str(path): (2, 1)})
        crawl = find_crawl(connection, None)
        assert crawl is not None
        audit = audit_crawl(connection, crawl)

    assert audit.flaws == [f"feed {path} holds 1 of the 2 items that it was due"]


def test_a_feed_that_was_not_stored_holds_nothing(database_url, tmp_path, engine, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "things.csv"
    monkeypatch.setattr(ResumableFile, "store", full)

    ending = asyncio.run(run(database_url, path, 1, 2, reason="finished", format="csv", batch_item_count=0))

    assert ending.verdict == "failed"
    assert f"feed {path} was not stored (No space left on device)" in ending.line
    with engine.connect() as connection:
        assert items_of(connection, 1) == [FeedItems(str(path), 2, 0)]
