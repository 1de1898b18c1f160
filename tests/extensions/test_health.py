"""A run that ends is told to monitors, whatever they read."""

import json
import logging

import pytest
from scrapy import signals

from tests.support.desk import Desk, make_crawler
from tvspiders.extensions.closing.health import Health, note_unopened
from tvspiders.ledger.health import last_health
from tvspiders.ledger.verdict import judge, unwritten
from tvspiders.storage.queue.crawls import Crawl
from tvspiders.storage.queue.leases import STATES


def ended(**settings) -> Desk:
    """A crawl of nine requests that has just ended."""
    desk = Desk(make_crawler("sqlite:///x.db", {"_job": "job-7"}, **settings))
    health = Health.from_crawler(desk.crawler)  # signals keep no reference
    counts = dict.fromkeys(STATES, 0) | {"done": 8, "parked": 1}
    desk.scheduler.ending = judge(counts, "finished", None, False, False)

    class Ledger:
        crawl = Crawl(3, "0123456789abcdef0123", 2, True, "partial")
        idle = False

    desk.scheduler.ledger = Ledger()  # type: ignore[assignment]
    for name, value in {
        "tv/quota/token-1/sent": 6,
        "tv/quota/token-2/sent": 4,
        "tv/quota/token-2/limited": 1,
        "tv/ledger/stored/thing": 5,
    }.items():
        desk.crawler.stats.set_value(name, value)  # type: ignore[union-attr]
    desk.crawler.signals.send_catch_log(signals.spider_closed)
    assert health.crawler is desk.crawler
    return desk


def test_the_line_says_how_it_went(caplog, tmp_path):
    file = tmp_path / "new" / "health.jsonl"

    with caplog.at_level(logging.INFO):
        ended(TV_HEALTH_FILE=str(file))

    (line,) = file.read_text().splitlines()
    said = json.loads(line)
    assert last_health("\n".join(caplog.messages)) == said
    assert (said["verdict"], said["exit_code"], said["goes_on"]) == ("partial", 3, True)
    assert (said["spider"], said["crawl"], said["round"], said["job"]) == ("things", 3, 2, "job-7")
    assert said["counts"] == dict.fromkeys(STATES, 0) | {"done": 8, "parked": 1}
    assert (said["requests"], said["limited"], said["stored"]) == (10, 1, {"thing": 5})
    assert said["seconds"] >= 0
    assert said["started_at"] <= said["ended_at"]


def test_lines_are_added(tmp_path):
    for _ in range(2):
        ended(TV_HEALTH_FILE=str(tmp_path / "health.jsonl"))

    assert (tmp_path / "health.jsonl").read_text().count("\n") == 2


def test_a_file_that_cannot_be_written_is_told_and_nothing_else_happens(caplog, tmp_path):
    ended(TV_HEALTH_FILE=str(tmp_path))

    assert "health of the crawl could not be written" in caplog.text


def test_a_crawl_that_never_opened_is_told_as_well(tmp_path):
    note_unopened(str(tmp_path / "health.jsonl"), "things", 1, "no token is set", "job-8")

    said = json.loads((tmp_path / "health.jsonl").read_text())
    assert (said["verdict"], said["exit_code"], said["reason"]) == ("failed", 1, "no token is set")
    assert (said["job"], said["requests"]) == ("job-8", 0)


def test_without_an_ending_nothing_is_written(caplog):
    desk = Desk(make_crawler("sqlite:///x.db"))
    health = Health.from_crawler(desk.crawler)

    with caplog.at_level(logging.INFO):
        desk.crawler.signals.send_catch_log(signals.spider_closed)

    assert health.facts() is None
    assert last_health("\n".join(caplog.messages)) is None


@pytest.mark.parametrize("times", [1, 2])
def test_metrics_are_one_file_for_each_crawl(tmp_path, times):
    for _ in range(times):
        ended(TV_METRICS_DIR=str(tmp_path))

    assert [path.name for path in tmp_path.iterdir()] == ["tvspiders-things-0123456789abcdef0123.prom"]


@pytest.mark.parametrize("settings", [{}, {"TV_METRICS_DIR": "metrics"}])
def test_figures_that_nobody_knows_are_not_told(tmp_path, settings):
    file = tmp_path / "health.jsonl"
    desk = Desk(make_crawler("sqlite:///x.db", TV_HEALTH_FILE=str(file), **settings))
    desk.crawler.settings.set("TV_METRICS_DIR", str(tmp_path / "metrics") if settings else None, "cmdline")
    health = Health.from_crawler(desk.crawler)
    desk.scheduler.ending = unwritten("database x.db is gone", 3, False)

    desk.crawler.signals.send_catch_log(signals.spider_closed)

    said = json.loads(file.read_text())
    assert health.crawler is desk.crawler
    assert (said["counts"], said["verdict"], said["reason"]) == (None, "failed", "database x.db is gone")
    for path in (tmp_path / "metrics").glob("*"):
        assert "ledger_requests" not in path.read_text()
