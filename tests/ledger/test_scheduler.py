"""Scrapy's view of the ledger: a queue, a duplicate filter and a memory of retries."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, IgnoreRequest
from twisted.python.failure import Failure

from tests.support.desk import API, Desk, desk, make_crawler
from tests.support.working import until
from tvspiders.errors import AnswerRefused, GivenBack
from tvspiders.items import Thing
from tvspiders.ledger import engine as engine_module
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.ownership import identity_arguments
from tvspiders.meta import RETRY
from tvspiders.storage import tables
from tvspiders.storage.units import NewRequest


def retry(request: Request, delay: float = 0.0, attempt: bool = True) -> Request:
    """As a middleware gives it back."""
    again = request.copy()
    again.meta[RETRY] = {"delay": delay, "attempt": attempt, "reason": "status-502"}
    return again


@pytest.fixture
def backend():
    return "sqlite"


def play(url, script, arguments=None, **changes):
    """Play one crawl; returns what the script returns."""

    async def crawl():
        async with desk(url, arguments, **changes) as bench:
            return await script(bench)

    return asyncio.run(crawl())


def test_a_request_goes_in_and_comes_out_once(database_url):
    async def script(bench):
        for _ in range(3):
            bench.ask("/things/7", callback=bench.spider.parse_thing, cb_kwargs={"thing_id": 7})
        (request,) = await bench.next()
        assert (request.url, request.cb_kwargs) == (f"{API}/things/7", {"thing_id": 7})
        assert request.callback == bench.spider.parse_thing
        await bench.answer(request, [])
        await bench.ledger.flush()
        await until(lambda: not bench.scheduler.has_pending_requests())
        assert bench.scheduler.next_request() is None

    play(database_url, script)


def test_what_is_out_or_unwritten_is_pending(database_url):
    async def script(bench):
        bench.ask("/things/7")
        assert bench.scheduler.has_pending_requests()
        await bench.next()
        assert bench.scheduler.has_pending_requests()

    play(database_url, script)


@pytest.mark.parametrize(("attempt", "attempts"), [(True, 1), (False, 0)])
def test_a_retry_comes_back_with_its_attempts(database_url, attempt, attempts):
    async def script(bench):
        bench.ask("/things/7", callback=bench.spider.parse_thing)
        (request,) = await bench.next()
        bench.scheduler.enqueue_request(retry(request, attempt=attempt))
        (again,) = await bench.next()
        assert again.meta["tv_attempts"] == attempts
        assert again.url == request.url
        assert bench.stat("tv/ledger/retried/status-502") == 1

    play(database_url, script)


def test_a_retry_with_a_delay_waits(database_url, look):
    async def script(bench):
        bench.ask("/things/7")
        (request,) = await bench.next()
        bench.scheduler.enqueue_request(retry(request, delay=1000.0))
        await bench.ledger.flush()
        assert bench.scheduler.next_request() is None
        assert bench.scheduler.has_pending_requests()

    play(database_url, script)

    ((available, reason),) = look(tables.requests, "available_at", "reason")
    assert available > 1_000_000_000
    assert reason == "status-502"


@pytest.mark.parametrize(
    ("error", "state", "attempts"),
    [
        (GivenBack("the crawl stops"), "queued", 0),
        (ValueError("a bug"), "parked", 1),
        (IgnoreRequest("unpacks to more than DOWNLOAD_MAXSIZE"), "parked", 1),
    ],
)
def test_a_request_without_an_answer_is_given_back_or_parked(database_url, look, error, state, attempts):
    async def script(bench):
        bench.ask("/things/7")
        (request,) = await bench.next()
        failure = Failure(error)
        failure.request = request  # type: ignore[attr-defined]
        request.errback(failure)
        assert not bench.ledger.holds(1)
        await bench.scheduler._close("shutdown")

    play(database_url, script)

    assert look(tables.requests, "state", "attempts") == [(state, attempts)]


def test_a_request_of_a_callback_that_is_no_more_is_parked(database_url, look):
    async def script(bench):
        bench.ledger.add(NewRequest("/things/7", "parse_of_long_ago"))
        bench.ask("/things/8")
        (request,) = await bench.next()
        assert request.url.endswith("/8")
        await bench.ledger.flush()

    play(database_url, script)

    assert look(tables.requests, "state", "reason", path="/things/7") == [
        ("parked", "this version has no callback 'parse_of_long_ago'")
    ]


def test_max_requests_pauses_the_crawl_and_the_same_command_goes_on(database_url, look):
    async def first(bench):
        bench.ask(*(f"/things/{number}" for number in range(5)))
        for request in await bench.next(2):
            await bench.answer(request, [])
        assert bench.scheduler.next_request() is None
        await bench.ledger.flush()
        assert not bench.scheduler.has_pending_requests()
        with pytest.raises(CloseSpider):
            bench.scheduler._idle()
        await bench.scheduler._close("max_requests")
        return bench.scheduler.ending

    async def second(bench):
        assert bench.ledger.crawl.resumed
        for request in await bench.next(3):
            await bench.answer(request, [])
        await bench.scheduler._close("finished")
        return bench.scheduler.ending

    assert play(database_url, first, {"max_requests": "2"}).verdict == "paused"
    assert play(database_url, second).verdict == "complete"
    assert look(tables.crawls, "verdict", "runs") == [("complete", 2)]


def test_what_was_given_up_is_tried_once_more_however_little_its_run_brought(database_url, look):
    def run(take, reason):
        async def script(bench):
            bench.ask("/things/7", "/things/8")
            for request in await bench.next(take):
                failure = Failure(OSError("no network"))
                failure.request = request  # type: ignore[attr-defined]
                request.errback(failure)
            await bench.ledger.flush()
            await bench.scheduler._close(reason)
            return bench.scheduler.ending.line, bench.ledger.crawl.round

        return play(database_url, script)

    run(0, "shutdown")
    given_up = run(2, "finished")
    in_vain = run(2, "finished")
    anew = run(0, "shutdown")

    assert "the same command tries them again" in given_up[0]
    assert "the same command begins a new round" in in_vain[0]
    assert (given_up[1], in_vain[1], anew[1]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("signalled", "reason"),
    [(True, "stopped by a signal"), (False, "stopped by the program, without a signal")],
)
def test_the_end_is_judged_written_and_counted(database_url, look, signalled, reason):
    async def script(bench):
        bench.ask("/things/7", "/things/8")
        (request,) = await bench.next()
        await bench.answer(request, [Thing(id=7)])
        bench.scheduler.signalled = signalled
        await bench.scheduler._close("shutdown")
        assert bench.scheduler.ending.verdict == "interrupted"
        assert bench.stat("tv/requests/done") == 1
        assert bench.stat("tv/requests/queued") == 1
        assert bench.stat("tv/ledger/stored/thing") == 1

    play(database_url, script)

    assert look(tables.crawls, "verdict", "reason") == [("interrupted", reason)]


def test_a_crawl_that_cannot_be_opened_says_why_and_fails(tmp_path):
    (tmp_path / "x.db").write_text("not a database at all")

    async def crawl():
        bench = Desk(make_crawler(f"sqlite:///{tmp_path / 'x.db'}"))
        await bench.scheduler._open(bench.spider)
        ((_, answer),) = bench.crawler.signals.send_catch_log(signals.spider_opened, dont_log=CloseSpider)
        assert isinstance(answer.value, CloseSpider)
        assert not bench.scheduler.has_pending_requests()
        assert bench.scheduler.next_request() is None
        assert not bench.scheduler.enqueue_request(Request(f"{API}/x"))
        await bench.scheduler._close("storage")
        return bench.scheduler.ending

    ending = asyncio.run(crawl())

    assert ending is not None
    assert ending.verdict == "failed"
    assert "is not a SQLite database" in ending.line
    assert ending.line.endswith("; nothing was asked")


def test_a_database_that_fails_closes_the_spider_with_its_reason(database_url):
    async def script(bench):
        bench.ledger.failure = "the database cannot be written: full"
        bench.scheduler._reports.failed(bench.ledger.failure)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert bench.engine.closed == ["storage"]
        await bench.scheduler._close("storage")
        assert bench.scheduler.ending.verdict == "failed"
        assert "cannot be written: full" in bench.scheduler.ending.line

    async def with_spider(bench):
        bench.engine.spider = bench.spider
        await script(bench)

    play(database_url, with_spider)


def test_an_end_that_cannot_be_written_is_a_failure(database_url, monkeypatch):
    async def script(bench):
        async def fail(self, decide):
            raise OSError("gone")

        monkeypatch.setattr(Ledger, "finish", fail)
        await bench.scheduler._close("finished")
        assert bench.scheduler.ending.exit_code == 1

    play(database_url, script)


def test_an_item_of_ours_that_came_with_no_answer_ends_the_crawl(database_url):
    async def script(bench):
        with pytest.raises(AnswerRefused, match="came with no answer"):
            await bench.scraper.itemproc.process_item_async(Thing(id=7))
        await bench.scheduler._close("storage")
        return bench.scheduler.ending

    ending = play(database_url, script)

    assert (ending.verdict, ending.exit_code) == ("failed", 1)
    assert "Thing" in ending.line


def test_a_start_request_that_cannot_be_kept_ends_the_crawl_and_says_why(database_url):
    async def script(bench):
        bench.scheduler.enqueue_request(Request("https://elsewhere.org/"))
        await asyncio.sleep(0)
        assert bench.engine.closed == ["storage"]
        await bench.scheduler._close("storage")
        return bench.scheduler.ending

    ending = play(database_url, script)

    assert (ending.verdict, ending.exit_code) == ("failed", 1)
    assert "https://elsewhere.org/ is not below the API's address" in ending.line


def test_dont_filter_asks_once_more_within_an_answer(database_url, look):
    async def script(bench):
        again = {"callback": bench.spider.parse_thing, "cb_kwargs": {"thing_id": 8}}
        url = f"{API}/things/8"
        bench.ask("/things/7", "/things/7", dont_filter=True, callback=bench.spider.parse_thing)
        bench.ask("/things/7", dont_filter=True, callback=bench.spider.parse_thing)
        (request,) = await bench.next()
        same = [Request(url, **again), Request(url, **again), Request(url, dont_filter=True, **again)]
        await bench.answer(request, same)
        await bench.ledger.flush()

    play(database_url, script)

    assert sorted(look(tables.requests, "path")) == ["/things/7"] * 3 + ["/things/8"] * 2


def test_a_copy_of_the_meta_of_an_answer_is_a_new_request_all_the_same(database_url, look):
    async def script(bench):
        bench.ask("/things/7", callback=bench.spider.parse_thing)
        (request,) = await bench.next()
        await bench.answer(request, [Request(f"{API}/things/8", meta=dict(request.meta))])
        await bench.ledger.flush()

    play(database_url, script)

    assert look(tables.requests, "state", path="/things/7") == ["done"]
    assert look(tables.requests, "kwargs", path="/things/8") == [None]


def test_the_errback_of_a_spider_is_called_when_its_request_is_parked(database_url, look):
    heard = []

    async def script(bench):
        bench.spider.parse_failure = lambda failure: heard.append(failure)
        bench.spider.parse_failure.__name__ = "parse_failure"
        bench.ask("/things/7", callback=bench.spider.parse_thing, errback=bench.spider.parse_failure)
        (request,) = await bench.next()
        failure = Failure(OSError("no network"))
        failure.request = request  # type: ignore[attr-defined]
        request.errback(failure)
        await bench.ledger.flush()

    play(database_url, script)

    assert [str(failure.value) for failure in heard] == ["no network"]
    assert look(tables.requests, "state") == ["parked"]


def test_a_request_that_nobody_works_on_any_more_fails_the_crawl_and_is_named(database_url, monkeypatch):
    monkeypatch.setattr(engine_module, "STUCK_SECONDS", 0.05)

    async def script(bench):
        bench.ask("/things/7", callback=bench.spider.parse_thing)
        await bench.next()
        bench.engine._slot = SimpleNamespace(
            closing=None, inprogress=set(), nextcall=SimpleNamespace(schedule=lambda: None)
        )
        await until(lambda: not bench.scheduler.has_pending_requests() or bench.engine.closed)
        await bench.scheduler._close("storage")
        return bench.scheduler.ending

    ending = play(database_url, script)

    assert (ending.verdict, ending.exit_code) == ("failed", 1)
    assert "request 1 was handed out and is lost" in ending.line


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"query": "gear"}, {"query": "gear", "sort": "relevant", "details": True}),
        ({"query": "gear", "max_requests": "5"}, {"query": "gear", "sort": "relevant", "details": True}),
        ({"query": "gear", "crawl": "weekly"}, {"query": "gear", "sort": "relevant", "details": True}),
        ({"query": "gear", "_job": "77"}, {"query": "gear", "sort": "relevant", "details": True}),
        ({"query": "gear", "details": "0"}, {"query": "gear", "sort": "relevant", "details": False}),
    ],
)
def test_what_is_crawled_is_its_identity_and_not_how_much_at_a_time(arguments, expected):
    given = identity_arguments(make_crawler("sqlite:///x.db", arguments).spider.args)  # type: ignore[union-attr]

    assert expected.items() <= given.items()
    assert not {"max_requests", "crawl", "_job"} & given.keys()
