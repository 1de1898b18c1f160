"""What an answer on disk has brought already is not stored again."""

import logging

import pytest
from ledger.crawling import Desk, make_crawler

from tvspiders.items import Thing
from tvspiders.pipelines.dedupe import DedupePipeline, DuplicateItem


@pytest.fixture
def bench():
    bench = Desk(make_crawler("sqlite:///x.db"))
    bench.scheduler.known.remember([Thing(id=7, name="Gear")])
    return bench


@pytest.fixture
def pipeline(bench):
    return DedupePipeline.from_crawler(bench.crawler)


def test_known_content_is_dropped(bench, pipeline):
    with pytest.raises(DuplicateItem, match="known thing 7") as raised:
        pipeline.process_item(Thing(id=7, name="Gear"))

    assert raised.value.log_level in (logging.DEBUG, "DEBUG")
    assert bench.stat("tv/items/duplicate") == 1


@pytest.mark.parametrize("item", [Thing(id=7, name="New"), Thing(id=8, name="Gear"), {"id": 7}, "text"])
def test_other_content_passes(pipeline, item):
    assert pipeline.process_item(item) is item


def test_without_the_ledger_items_pass(bench, pipeline):
    bench.engine.scheduler = None

    assert pipeline.process_item(Thing(id=7, name="Gear")).id == 7
