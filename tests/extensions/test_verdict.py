"""The ledger's judgement outlives the engine."""

import logging

from scrapy import signals
from scrapy.statscollectors import StatsCollector

from tests.support.desk import Desk, make_crawler
from tvspiders.extensions.closing.verdict import Verdict
from tvspiders.ledger.verdict import judge
from tvspiders.storage.queue.leases import STATES


def closed(ending) -> tuple[Verdict, StatsCollector]:
    bench = Desk(make_crawler("sqlite:///x.db"))
    verdict = Verdict.from_crawler(bench.crawler)
    bench.scheduler.ending = ending
    bench.crawler.signals.send_catch_log(signals.spider_closed)
    assert bench.crawler.stats is not None
    return verdict, bench.crawler.stats


def test_how_the_run_ended_is_kept_logged_and_counted(caplog):
    ending = judge(dict.fromkeys(STATES, 0) | {"done": 5}, "finished", None, False, False)

    with caplog.at_level(logging.INFO):
        verdict, stats = closed(ending)

    assert verdict.ending is ending
    assert stats.get_value("tv/verdict") == "complete"
    assert "Verdict: complete: 5 requests answered" in caplog.messages


def test_a_run_that_never_came_to_an_end_has_none():
    verdict, stats = closed(None)

    assert verdict.ending is None
    assert stats.get_value("tv/verdict") is None
