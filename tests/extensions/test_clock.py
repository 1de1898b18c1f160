"""Twisted's timers by a clock that is never set, and what is told of steps and sleeps."""

import asyncio
import logging
import time

import pytest
from scrapy import signals
from twisted.internet.base import ReactorBase

from tests.support.desk import Desk, make_crawler
from tvspiders.extensions import clock
from tvspiders.extensions.clock import Clock, run_timers_steadily
from tvspiders.middlewares.quota import quota_of
from tvspiders.policies.clock_watch import ClockChange, ClockWatch


class Reactor(ReactorBase):
    """Twisted's timers, turned by hand."""

    def installWaker(self):  # noqa: N802
        """Nobody wakes it."""


@pytest.fixture
def wall():
    return [1.7e9]


@pytest.fixture
def reactor(wall):
    reactor = Reactor()
    reactor.seconds = lambda: wall[0]
    return reactor


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_timer_keeps_its_length_when_the_clock_is_set(reactor, wall, step):
    before = reactor.callLater(30.0, list)
    run_timers_steadily(reactor)
    after = reactor.callLater(20.0, list)

    wall[0] += step

    assert reactor.timeout() == pytest.approx(20.0, abs=5)
    assert before.getTime() - time.monotonic() == pytest.approx(30.0, abs=5)
    after.reset(40.0)
    assert after.getTime() - time.monotonic() == pytest.approx(40.0, abs=5)


def test_a_second_crawl_of_the_process_changes_nothing(reactor):
    call = reactor.callLater(30.0, list)
    run_timers_steadily(reactor)
    due = call.getTime()

    run_timers_steadily(reactor)

    assert call.getTime() == due


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.setenv("THINGIVERSE_TOKEN", "t" * 32)
    monkeypatch.setattr(clock, "EVERY", 0.01)
    return Desk(make_crawler("sqlite:///x.db"))


class Told(ClockWatch):
    """Has seen what a test says."""

    def __init__(self, *seen):
        super().__init__()
        self.seen = list(seen)

    def changes(self):
        changes, self.seen = self.seen, []
        return changes


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (
            ClockChange(step=-3600.2),
            "the computer's clock was set back by 3600 seconds; no wait depends on it",
        ),
        (
            ClockChange(step=1200.0),
            "the computer's clock was set forward by 1200 seconds; no wait depends on it",
        ),
        (
            ClockChange(stood=90.0),
            "the process stood still for 90 seconds; what was in flight counts no attempt",
        ),
    ],
)
def test_what_was_seen_is_told_in_one_line(bench, caplog, seen, line):
    watching = Clock.from_crawler(bench.crawler)
    woken = []

    async def crawl():
        quota = quota_of(bench.crawler)
        quota.watch = Told(seen)
        quota.on_wake.append(woken.append)
        await bench.crawler.signals.send_catch_log_async(signals.engine_started)
        async with asyncio.timeout(60):
            while not caplog.messages:
                await asyncio.sleep(0.01)
        await bench.crawler.signals.send_catch_log_async(signals.engine_stopped)

    with caplog.at_level(logging.WARNING, "tvspiders.extensions.clock"):
        asyncio.run(crawl())

    assert watching.crawler is bench.crawler
    assert caplog.messages == [line]
    assert woken == ([90.0] if seen.stood else [])
