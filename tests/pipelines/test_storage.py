"""Items go to the unit of their answer, or nowhere."""

import pytest
from ledger.crawling import Desk, make_crawler
from scrapy.exceptions import DropItem
from storage.making import met

from tvspiders.items import Thing
from tvspiders.pipelines.storage import StoragePipeline
from tvspiders.storage.units import Unit


@pytest.fixture
def bench():
    bench = Desk(make_crawler("sqlite:///x.db"))
    bench.scheduler._units = {5: Unit(5)}
    return bench


@pytest.fixture
def pipeline(bench):
    return StoragePipeline.from_crawler(bench.crawler)


def test_an_item_joins_the_unit_of_its_answer(bench, pipeline):
    thing = met(1, Thing(id=7), request_id=5)

    assert pipeline.process_item(thing) is thing
    assert bench.scheduler.units[5].items == [thing]


@pytest.mark.parametrize("thing", [Thing(id=7), met(1, Thing(id=7), request_id=6)])
def test_an_item_whose_answer_is_settled_is_dropped(bench, pipeline, thing):
    with pytest.raises(DropItem):
        pipeline.process_item(thing)

    assert bench.scheduler.units[5].items == []


def test_what_is_no_item_of_ours_passes(pipeline):
    assert pipeline.process_item({"id": 7}) == {"id": 7}


def test_without_the_ledger_items_pass(bench, pipeline):
    bench.engine.scheduler = None

    assert pipeline.process_item(Thing(id=7)).id == 7
