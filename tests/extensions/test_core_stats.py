"""Items are counted once, whoever does it."""

import pytest
from ledger.crawling import SCRAPYS, make_crawler
from scrapy import signals
from scrapy.exceptions import DropItem

from tvspiders.extensions.core_stats import LeanCoreStats


@pytest.mark.parametrize(
    ("settings", "counted"),
    [
        ({}, {}),
        (
            {"ITEM_PROCESSOR": SCRAPYS},
            {"item_scraped_count": 1, "item_dropped_count": 1, "item_dropped_reasons_count/DropItem": 1},
        ),
    ],
    ids=["by the processor", "by signals"],
)
def test_items_are_counted_by_signals_only_where_the_processor_does_not(settings, counted):
    crawler = make_crawler("sqlite:///x.db", **settings)
    extension = LeanCoreStats.from_crawler(crawler)
    given = {"item": {}, "spider": crawler.spider, "response": None}

    crawler.signals.send_catch_log(signals.item_scraped, **given)
    crawler.signals.send_catch_log(signals.item_dropped, exception=DropItem("not today"), **given)
    crawler.signals.send_catch_log(signals.response_received, spider=crawler.spider)

    assert crawler.stats.get_stats() == counted | {"response_received_count": 1}
    assert extension.stats is crawler.stats
