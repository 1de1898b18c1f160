"""Items pass the pipelines as in Scrapy, and the ledger hears of each end at once."""

import asyncio

import pytest
from ledger.crawling import Engine, make_crawler
from scrapy.exceptions import DropItem
from tvspiders.pipelines.processor import ItemProcessor


class Tame:
    def process_item(self, item):
        return {**item, "tame": True}


class Slow:
    async def process_item(self, item):
        await asyncio.sleep(0)
        return {**item, "slow": True}


class Strict:
    def process_item(self, item):
        raise DropItem("not today")


class Broken:
    def process_item(self, item):
        raise ValueError("no room")


def process(item, *pipelines, scheduler="ledger"):
    """What the processor gives or raises, what it told, and the statistics."""
    crawler = make_crawler("sqlite:///x.db")
    told = []

    class Scheduler:
        def item_ended(self, item, error):
            told.append((item, error))

    crawler.engine = Engine(scheduler=Scheduler() if scheduler == "ledger" else None)
    processor = ItemProcessor(*(pipeline() for pipeline in pipelines), crawler=crawler)

    async def run():
        return (await asyncio.gather(processor.process_item_async(item), return_exceptions=True))[0]

    return asyncio.run(run()), told, crawler.stats.get_stats()


def test_the_project_uses_it():
    assert make_crawler("sqlite:///x.db").settings["ITEM_PROCESSOR"] == (
        f"{ItemProcessor.__module__}.{ItemProcessor.__name__}"
    )


def test_an_item_passes_every_pipeline_and_is_counted():
    item = {"id": 7}

    output, told, stats = process(item, Tame, Slow)

    assert output == {"id": 7, "tame": True, "slow": True}
    assert stats == {"item_scraped_count": 1}
    assert told == [({"id": 7}, None)]
    assert told[0][0] is item  # as it came, however the pipelines changed it


def test_a_dropped_item_is_through_and_counted_by_its_reason():
    output, told, stats = process({"id": 7}, Strict, Broken)

    assert isinstance(output, DropItem)
    assert stats == {"item_dropped_count": 1, "item_dropped_reasons_count/DropItem": 1}
    assert told == [({"id": 7}, None)]


def test_what_a_pipeline_failed_with_is_told_and_raised():
    output, told, stats = process({"id": 7}, Broken)

    assert isinstance(output, ValueError)
    assert stats == {}
    assert told == [({"id": 7}, output)]


@pytest.mark.parametrize("pipelines", [(Tame,), (Strict,), (Broken,)])
def test_without_the_ledger_nobody_is_told(pipelines):
    _, told, _ = process({"id": 7}, *pipelines, scheduler="other")

    assert told == []
