"""The extension chooses terminal or log, and counts no more often than it is worth."""

from __future__ import annotations

import asyncio
import logging
import sys
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from scrapy.exceptions import NotConfigured
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager

from tvspiders.crawl import context_of
from tvspiders.extensions.progress import extension as progress
from tvspiders.extensions.progress import terminal as progress_terminal
from tvspiders.extensions.progress.extension import Progress
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.policies.quota.reservations import Figures

COUNTS = {"done": 5, "gone": 1, "parked": 1, "quarantined": 1, "queued": 30, "leased": 2}
STATS = {"tv/ledger/stored/thing": 4, "tv/quota/token-1/limited": 2, "tv/quota/token-2/limited": 1, "x": 9}


class FakeDisplay:
    made: ClassVar[list[FakeDisplay]] = []

    def __init__(self, title: str) -> None:
        self.title = title
        self.shown: list[Any] = []
        self.events: list[str] = []
        FakeDisplay.made.append(self)

    def start(self) -> None:
        self.events.append("start")

    def show(self, now: Any) -> None:
        self.shown.append(now)

    def stop(self) -> None:
        self.events.append("stop")


class FakeLedger:
    settled = 7
    asked = 0

    async def counts(self) -> dict[str, int]:
        self.asked += 1
        return COUNTS


def crawler(**settings):
    scheduler = LedgerScheduler.__new__(LedgerScheduler)
    scheduler.ledger = FakeLedger()
    made = SimpleNamespace(
        settings=Settings({"TV_PROGRESS": "auto", "TV_PROGRESS_SECONDS": 60, "LOG_FILE": None} | settings),
        signals=SignalManager(),
        engine=SimpleNamespace(scheduler=scheduler),
        spider=SimpleNamespace(name="things"),
        stats=SimpleNamespace(get_stats=lambda: STATS),
    )
    context_of(made).scheduler = scheduler
    return made


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    figures = Figures("token-1", used=3, limit=300, period=300.0, wait=0.0, reset=200.0, retired=False)
    pool = SimpleNamespace(figures=lambda: [figures])
    monkeypatch.setattr(progress, "quota_of", lambda crawler: SimpleNamespace(pool=pool))
    monkeypatch.setattr(progress_terminal, "TerminalDisplay", FakeDisplay)
    monkeypatch.setattr(progress, "REFRESH", 0.001)
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: False))
    FakeDisplay.made = []


def run_for(extension, done):
    async def live():
        extension._opened()
        for _ in range(2000):
            if done():
                break
            await asyncio.sleep(0.001)
        extension._closed()

    asyncio.run(live())


def test_off_is_off():
    with pytest.raises(NotConfigured):
        Progress.from_crawler(crawler(TV_PROGRESS="off"))


def test_a_picture_holds_ledger_rows_refusals_and_tokens():
    extension = Progress(crawler())

    asyncio.run(extension.look())
    now = extension.picture()

    assert (now.done, now.known, now.answered, now.refused) == (8, 40, 7, 3)
    assert now.stored == {"thing": 4}
    assert [(token.label, token.used, token.limit) for token in now.tokens] == [("token-1", 3, 300)]


def test_a_log_gets_plain_lines(caplog):
    extension = Progress(crawler(TV_PROGRESS="log", TV_PROGRESS_SECONDS=0.001))

    with caplog.at_level(logging.INFO):
        run_for(extension, lambda: len(caplog.messages) >= 2)

    assert caplog.messages[0].startswith(
        "8 of 40 known requests answered; new: 4 things; token-1: 3 of 300/5m used"
    )
    assert FakeDisplay.made == []


def test_a_terminal_gets_a_picture_that_is_taken_away_at_the_end():
    extension = Progress(crawler(TV_PROGRESS="terminal"))

    run_for(extension, lambda: len(FakeDisplay.made[0].shown) >= 3)

    (display,) = FakeDisplay.made
    assert display.title == "things"
    assert display.events == ["start", "stop"]
    assert display.shown[0].known == 40


@pytest.mark.parametrize(
    ("terminal", "log_file", "live"), [(True, None, True), (True, "crawl.log", False), (False, None, False)]
)
def test_auto_follows_where_standard_error_goes(monkeypatch, terminal, log_file, live):
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: terminal))

    assert Progress(crawler(LOG_FILE=log_file))._live is live


@pytest.mark.parametrize(("cost", "seconds"), [(0.0, 0.001), (0.1, 5.0), (1.0, 10.0), (4.0, 20.0)])
def test_a_count_that_is_slow_is_made_less_often(monkeypatch, cost, seconds):
    times = iter([0.0, 0.0, cost])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(times)))
    extension = Progress(crawler(TV_PROGRESS="terminal"))

    assert asyncio.run(extension.look()) == pytest.approx(seconds)


def test_nothing_is_counted_before_the_ledger_is_open():
    fake = crawler()
    context_of(fake).scheduler.ledger = None
    extension = Progress(fake)

    assert asyncio.run(extension.look()) == 60
    assert (extension.picture().known, extension.picture().answered) == (0, 0)
