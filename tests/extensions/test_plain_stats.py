"""The figures are those of Scrapy's own collector."""

import pytest
from ledger.crawling import make_crawler
from scrapy.statscollectors import MemoryStatsCollector

from tvspiders.extensions.plain_stats import PlainStats


@pytest.fixture
def crawler():
    return make_crawler("sqlite:///x.db")


def test_the_project_counts_with_it(crawler):
    assert crawler.settings["STATS_CLASS"] == f"{PlainStats.__module__}.{PlainStats.__name__}"


def test_it_counts_as_the_collector_of_scrapy_does(crawler):
    ours, scrapys = PlainStats(crawler), MemoryStatsCollector(crawler)
    for stats in (ours, scrapys):
        stats.set_value("a", 1)
        stats.inc_value("a")
        stats.inc_value("b", count=5, start=2)
        stats.max_value("c", 3)
        stats.max_value("c", 2)
        stats.min_value("d", 3)
        stats.min_value("d", 2)
        stats.close_spider()

    assert ours.get_stats() == scrapys.get_stats() == {"a": 2, "b": 7, "c": 3, "d": 2}
    assert ours.spider_stats == scrapys.spider_stats


def test_components_that_still_pass_a_spider_are_served(crawler):
    stats = PlainStats(crawler)

    stats.inc_value("a", spider=crawler.spider)

    assert stats.get_value("a", spider=crawler.spider) == 1
