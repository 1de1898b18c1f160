"""What an answer on disk has brought already is not stored again."""

import logging

import pytest
from ledger.crawling import make_crawler
from storage.making import met

from tvspiders.items import Creator, Thing
from tvspiders.pipelines.dedupe import DedupePipeline, DuplicateItem
from tvspiders.storage.units import Committed, Unit, unit_committed


@pytest.fixture
def crawler():
    return make_crawler("sqlite:///x.db", TV_DEDUPE_SIZE=3)


@pytest.fixture
def pipeline(crawler):
    return DedupePipeline.from_crawler(crawler)


def commit(crawler, *items) -> None:
    """Say that these items are on disk."""
    committed = Committed(Unit(1, items=list(items)), 1, [])
    crawler.signals.send_catch_log(unit_committed, committed=committed)


def test_known_content_is_dropped(crawler, pipeline):
    commit(crawler, Thing(id=7, name="Gear"))

    with pytest.raises(DuplicateItem, match="known thing 7") as raised:
        pipeline.process_item(Thing(id=7, name="Gear"))

    assert raised.value.log_level in (logging.DEBUG, "DEBUG")
    assert crawler.stats.get_value("tv/items/duplicate") == 1


def test_the_time_of_the_answer_is_no_content(crawler, pipeline):
    commit(crawler, met(1, Thing(id=7)))

    with pytest.raises(DuplicateItem):
        pipeline.process_item(met(2, Thing(id=7)))


@pytest.mark.parametrize("item", [Thing(id=7, name="New"), Thing(id=8, name="Gear"), {"id": 7}, "text"])
def test_other_content_passes(crawler, pipeline, item):
    commit(crawler, Thing(id=7, name="Gear"))

    assert pipeline.process_item(item) is item


def test_what_is_not_on_disk_yet_passes_again(pipeline):
    thing = Thing(id=7)

    assert pipeline.process_item(thing) is thing
    assert pipeline.process_item(thing) is thing


def test_content_that_changes_back_passes(crawler, pipeline):
    commit(crawler, Thing(id=7, name="Gear"))
    commit(crawler, Thing(id=7, name="Bear"))

    assert pipeline.process_item(Thing(id=7, name="Gear"))


def test_items_of_two_kinds_with_one_key_are_apart(crawler, pipeline):
    commit(crawler, Thing(id=7))

    assert pipeline.process_item(Creator(id=7, username="7"))


def test_memory_is_bounded_and_forgets_the_oldest(crawler, pipeline):
    commit(crawler, Thing(id=1), Thing(id=2), Thing(id=3))
    commit(crawler, Thing(id=1))
    commit(crawler, Thing(id=4))

    assert pipeline.process_item(Thing(id=2))
    for number in (1, 3, 4):
        with pytest.raises(DuplicateItem):
            pipeline.process_item(Thing(id=number))
