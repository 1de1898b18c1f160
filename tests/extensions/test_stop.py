"""A signal is told to everyone who waits, and then Scrapy stops as always."""

import asyncio
import os
import signal
import threading
from types import SimpleNamespace

import pytest
import twisted.internet
from scrapy import signals

from tests.support.desk import Desk, make_crawler
from tvspiders.extensions import stop as module
from tvspiders.extensions.stop import Shutdown, Stop
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
        await asyncio.wait_for(quota_of(bench.crawler).pool.stopping.wait(), 60)

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
        await asyncio.wait_for(quota_of(bench.crawler).pool.stopping.wait(), 60)

    asyncio.run(crawl())

    assert handlers == [first, signal.SIGINT]


def test_a_stop_hurries_the_ledger(bench, monkeypatch):
    hurried: list[bool] = []
    monkeypatch.setattr(bench.scheduler, "hurry", lambda: hurried.append(True))

    async def crawl():
        Stop.from_crawler(bench.crawler).release_waiting()

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


class Reactor:
    """Twisted's, as far as a shutdown needs it."""

    def __init__(self):
        self.stopped = 0

    def callFromThread(self, work, *arguments):  # noqa: N802
        asyncio.get_running_loop().call_soon_threadsafe(work, *arguments)

    def stop(self):
        self.stopped += 1


@pytest.fixture
def reactor(monkeypatch):
    reactor = Reactor()
    monkeypatch.setattr(twisted.internet, "reactor", reactor, raising=False)
    return reactor


@pytest.fixture
def crawl(bench, monkeypatch):
    """A crawl that notes when it is stopped; its engine runs as soon as a test says so."""
    stops: list[str] = []

    async def stop_async():
        stops.append("stopped")

    monkeypatch.setattr(bench.crawler, "stop_async", stop_async)
    monkeypatch.setattr(bench.crawler, "get_extension", lambda _: None)
    bench.engine.running = False
    bench.engine._slot = SimpleNamespace(closing=None)
    bench.stops = stops
    return bench


def test_a_crawl_is_stopped_once_however_many_signals_come(crawl, reactor):
    shutdown = Shutdown(crawl.crawler)

    async def run():
        shutdown.install()
        crawl.crawler.signals.send_catch_log(signals.engine_started)
        crawl.engine.running = True
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.01)

    asyncio.run(run())

    assert (crawl.stops, reactor.stopped) == (["stopped"], 0)


def test_a_crawl_that_ends_already_is_left_to_its_end(crawl, reactor):
    shutdown = Shutdown(crawl.crawler)

    async def run():
        shutdown.install()
        crawl.crawler.signals.send_catch_log(signals.engine_started)
        crawl.engine.running = True
        crawl.engine._slot.closing = "a Deferred"
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.01)

    asyncio.run(run())

    assert (crawl.stops, reactor.stopped) == ([], 0)


def test_ctrl_c_again_does_not_wait(crawl, reactor):
    shutdown = Shutdown(crawl.crawler)

    async def run():
        shutdown.install()
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.01)

    asyncio.run(run())

    assert reactor.stopped == 1


def test_a_crawl_that_is_just_beginning_is_closed_when_it_is_open(crawl, reactor, monkeypatch):
    monkeypatch.setattr(module, "LOOK_AGAIN", 0.001)
    shutdown = Shutdown(crawl.crawler)

    async def run():
        shutdown.install()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.01)
        assert crawl.stops == []
        crawl.engine.running = True
        crawl.crawler.signals.send_catch_log(signals.engine_started)
        async with asyncio.timeout(30):
            while not crawl.stops:
                await asyncio.sleep(0.001)

    asyncio.run(run())

    assert reactor.stopped == 0


def test_a_crawl_that_does_not_open_is_left(crawl, reactor, monkeypatch):
    monkeypatch.setattr(module, "OPENING", 0.01)
    monkeypatch.setattr(module, "LOOK_AGAIN", 0.001)
    shutdown = Shutdown(crawl.crawler)

    async def run():
        shutdown.install()
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(30):
            while not reactor.stopped:
                await asyncio.sleep(0.001)

    asyncio.run(run())

    assert (crawl.stops, reactor.stopped) == ([], 1)


def test_once_the_end_is_decided_signals_are_ignored_for_good(crawl, reactor):
    shutdown = Shutdown(crawl.crawler)
    shutdown.install()

    crawl.crawler.signals.send_catch_log(signals.spider_closed)

    assert [signal.getsignal(number) for number in module.SIGNALS] == [signal.SIG_IGN] * 2
    os.kill(os.getpid(), signal.SIGTERM)
    assert (crawl.stops, reactor.stopped) == ([], 0)


def test_a_stop_leaves_the_signals_to_a_shutdown(crawl, reactor):
    shutdown = Shutdown(crawl.crawler)
    shutdown.install()

    async def run():
        Stop.from_crawler(crawl.crawler)._started()

    asyncio.run(run())

    assert signal.getsignal(signal.SIGTERM) is shutdown
