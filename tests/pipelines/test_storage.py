"""What the last pipeline returns is stored and exported, in whatever type it comes."""

import asyncio
from dataclasses import make_dataclass

import attrs
import pytest
from itemadapter import ItemAdapter
from pydantic import BaseModel
from scrapy import Field
from scrapy import Item as ScrapyItem
from scrapy.exceptions import DropItem

from tests.support.desk import desk, make_crawler
from tests.support.making import rows
from tvspiders.items import Creator, Thing
from tvspiders.pipelines.storage import ItemLogFormatter, StoringItemProcessor
from tvspiders.storage import tables


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def look(engine):
    """Rows of a table as another process sees them."""

    def look(table, *columns):
        with engine.connect() as connection:
            return rows(connection, table, *columns)

    return look


class Rename:
    def process_item(self, item):
        item.name = f"new {item.name}"
        return item


class AsDict:
    async def process_item(self, item):
        await asyncio.sleep(0)
        return ItemAdapter(item).asdict() | {"score": 5}


class AsScrapyItem:
    def process_item(self, item):
        kind = type("Any", (ScrapyItem,), {name: Field() for name in ItemAdapter(item)})
        return kind(ItemAdapter(item).asdict())


class Bare:
    def process_item(self, item):
        return {"name": item["name"] if isinstance(item, dict) else item.name}


class Nothing:
    def process_item(self, item):
        return None


class Spoil:
    def process_item(self, item):
        return ItemAdapter(item).asdict() | {"like_count": "many"}


class Drop:
    def process_item(self, item):
        raise DropItem("not today")


def crawl(url, outputs, *pipelines, **changes):
    """Answer one request with these outputs; returns what a feed got."""
    exported = []

    class Feed:
        def write(self, committed):
            exported.extend(committed.unit.exported.get(id(item), item) for item in committed.fresh)
            exported.extend(committed.unit.others)

        def take(self, output):
            exported.append(output)

        def record(self, connection):
            pass

    async def play():
        places = {pipeline: place for place, pipeline in enumerate(pipelines, 500)}
        async with desk(url, ITEM_PIPELINES=places, **changes) as bench:
            bench.ledger.follow(Feed())
            bench.ask("/things/7", callback=bench.spider.parse_thing)
            (request,) = await bench.next()
            await bench.answer(request, outputs)
            await bench.ledger.flush()

    asyncio.run(play())
    return exported


def test_the_project_uses_it():
    path = f"{StoringItemProcessor.__module__}.{StoringItemProcessor.__name__}"

    assert make_crawler("sqlite:///x.db").settings["ITEM_PROCESSOR"] == path


def test_an_item_is_stored_as_the_pipelines_leave_it(database_url, look):
    (exported,) = crawl(database_url, [Thing(id=7, name="Gear")], Rename)

    assert look(tables.things, "id", "name") == [(7, "new Gear")]
    assert exported.name == "new Gear"


@pytest.mark.parametrize("kind", [AsDict, AsScrapyItem])
def test_an_item_of_ours_may_come_in_any_type(database_url, look, kind):
    (exported,) = crawl(database_url, [Thing(id=7, name="Gear", tags=["a"])], Rename, kind)

    assert look(tables.things, "id", "name", "tags") == [(7, "new Gear", '["a"]')]
    assert ItemAdapter(exported)["name"] == "new Gear"
    assert ItemAdapter(exported).get("score") == (5 if kind is AsDict else None)


def test_a_dict_that_says_it_is_ours_is_stored(database_url, look):
    crawl(database_url, [{"kind": "thing", "id": 7, "name": "Gear"}])

    assert look(tables.things, "id", "name") == [(7, "Gear")]


@pytest.mark.parametrize("pipeline", [Bare, Nothing, Spoil])
@pytest.mark.parametrize("item", [Thing(id=7, name="Gear"), {"kind": "thing", "id": 7, "name": "Gear"}])
def test_what_is_no_item_of_ours_any_more_refuses_its_answer(database_url, look, pipeline, item):
    exported = crawl(database_url, [Thing(id=8), item], pipeline)

    ((state, reason),) = look(tables.requests, "state", "reason")
    assert (state, reason.partition(":")[0]) == ("quarantined", "item")
    assert look(tables.things, "id") == []
    assert exported == []


def test_what_only_calls_itself_ours_refuses_its_answer(database_url, look):
    crawl(database_url, [{"kind": "thing", "title": "Gear"}])

    assert look(tables.requests, "state", "reason") == [
        ("quarantined", "item: dict of kind thing, field id: Field required")
    ]


@pytest.mark.parametrize("place", [1, 2000])
def test_a_dropped_item_is_neither_stored_nor_exported_wherever_it_is_dropped(database_url, look, place):
    exported = crawl(database_url, [Thing(id=7)], ITEM_PIPELINES_BASE={Drop: place})

    assert look(tables.requests, "state") == ["done"]
    assert look(tables.things, "id") == []
    assert exported == []


@attrs.define
class Attrs:
    id: int


class Model(BaseModel):
    id: int


class Own(ScrapyItem):
    id = Field()


@pytest.mark.parametrize(
    "own", [{"id": 1}, make_dataclass("Data", ["id"])(1), Attrs(1), Model(id=1), Own(id=1)], ids=repr
)
def test_a_users_own_item_is_exported_with_its_answer(database_url, look, own):
    exported = crawl(database_url, [Thing(id=7), own])

    assert exported == [Thing(id=7, last_scraped=exported[0].last_scraped), own]
    assert look(tables.things, "id") == [7]


@pytest.mark.parametrize(("kept", "bio"), [(True, "I print"), (False, None)])
def test_texts_and_pictures_of_users_are_left_out_where_they_are_not_kept(database_url, look, kept, bio):
    user = Creator(id=4, username="amber", name="Ada Lee", first_name="Ada", bio="I print", follower_count=3)

    (exported,) = crawl(database_url, [user], AsDict, TV_KEEP_PROFILES=kept)

    names = ("username", "name", "first_name", "bio", "follower_count")
    expected = ("amber", "Ada Lee", "Ada" if kept else None, bio, 3)
    assert look(tables.creators, *names) == [expected]
    assert tuple(exported[name] for name in names) == expected


@pytest.mark.parametrize(
    "item", [Creator(id=5, username="jane"), ItemAdapter(Creator(id=5, username="jane")).asdict()]
)
def test_of_an_item_of_ours_the_log_has_the_kind_alone(item):
    log = ItemLogFormatter()
    spider = make_crawler("sqlite:///x.db").spider
    dropped = DropItem("not today", log_level="INFO")

    logged = (
        log.scraped(item, None, spider),
        log.dropped(item, dropped, None, spider),
        log.item_error(item, ValueError(), None, spider),
    )

    assert [line["args"]["item"] for line in logged] == 3 * ["item of kind creator"]


def test_items_of_a_users_own_are_logged_as_ever():
    spider = make_crawler("sqlite:///x.db").spider

    logged = ItemLogFormatter().scraped({"score": 5}, None, spider)

    assert logged["args"]["item"] == {"score": 5}
    assert spider.crawler.settings["LOG_FORMATTER"].endswith(".storage.ItemLogFormatter")
