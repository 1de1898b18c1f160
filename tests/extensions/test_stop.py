"""A signal is told to everyone who waits, and then Scrapy stops as always."""

import asyncio
import os
import signal
import threading

import pytest
from ledger.crawling import Desk, make_crawler
from scrapy import signals

from tvspiders.extensions.stop import Stop
from tvspiders.middlewares.quota import quota_of


@pytest.fixture(autouse=True)
def handlers(monkeypatch):
    """Handlers as Scrapy sets them, that count; the old ones come back."""
    monkeypatch.setenv("THINGIVERSE_TOKEN", "t" * 32)
    seen: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda number, _: seen.append(number))
    yield seen
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def bench():
    return Desk(make_crawler("sqlite:///x.db"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_is_told_and_scrapys_own_handler_runs(bench, handlers, number):
    stop = Stop.from_crawler(bench.crawler)

    async def crawl():
        bench.crawler.signals.send_catch_log(signals.engine_started)
        assert not quota_of(bench.crawler).pool.stopping.is_set()
        os.kill(os.getpid(), number)
        await asyncio.wait_for(quota_of(bench.crawler).pool.stopping.wait(), 5)

    asyncio.run(crawl())

    assert handlers == [number]
    assert stop.crawler is bench.crawler


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_sigterm_while_it_ends_changes_nothing_and_ctrl_c_does(bench, handlers, first):
    stop = Stop.from_crawler(bench.crawler)

    async def crawl():
        stop._started()
        for number in (first, signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
            await asyncio.sleep(0)
        await asyncio.wait_for(quota_of(bench.crawler).pool.stopping.wait(), 5)

    asyncio.run(crawl())

    assert handlers == [first, signal.SIGINT]


def test_a_stop_hurries_the_ledger(bench, monkeypatch):
    hurried: list[bool] = []
    monkeypatch.setattr(bench.scheduler, "hurry", lambda: hurried.append(True))

    async def crawl():
        Stop.from_crawler(bench.crawler)._tell()

    asyncio.run(crawl())

    assert hurried == [True]


def test_signals_that_nobody_handles_stay_ignored(bench):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = Stop.from_crawler(bench.crawler)

    async def crawl():
        stop._started()

    asyncio.run(crawl())

    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) == stop._asked


def test_in_another_thread_signals_are_left_alone(bench):
    before = signal.getsignal(signal.SIGTERM)
    stop = Stop.from_crawler(bench.crawler)
    thread = threading.Thread(target=stop._started)
    thread.start()
    thread.join()

    assert signal.getsignal(signal.SIGTERM) is before
