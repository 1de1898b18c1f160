"""What rows say of things whose own pages are asked is known, whatever becomes of those pages."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.settings import Settings
from sqlalchemy import Engine, delete, select, update

from tests.support.making import at, open_crawl, row, rows, store, unit
from tests.support.people import crawl
from tests.support.walking import Reply, World
from tvspiders.items import Creator, Edge, Thing
from tvspiders.ledger.answers.outputs import leave_out
from tvspiders.ledger.reparse import reparse
from tvspiders.storage import tables
from tvspiders.storage.catalogue.write import write_items
from tvspiders.storage.database.engine import writing
from tvspiders.storage.forgetting.retention import expire_people
from tvspiders.storage.queries.audit import audit_crawl
from tvspiders.storage.queries.overview import row_counts
from tvspiders.storage.queries.refresh import known_things
from tvspiders.storage.queue.crawls import find_crawl

SEARCH = {"query": "box", "pages": 1}
FACTS = ("id", "name", "creator", "like_count", "preview_image")
OUTCOMES: dict[str, Reply | None] = {
    "403": (403, {"error": "Forbidden"}, {}),
    "404": (404, {"error": "Not Found"}, {}),
    "451": (451, {"error": "Unavailable For Legal Reasons"}, {}),
    "unreadable": (200, ["no thing"], {}),
    "never asked": None,
}


@pytest.fixture
def world() -> World:
    return World(things=400)


def found(world: World) -> dict[int, dict[str, Any]]:
    """Rows of the first page of the search, by number of thing."""
    document = world.answer("/search/box/?type=things&page=1&per_page=30&sort=relevant")[1]
    return {row["id"]: row for row in document["hits"]}


def failing(world: World, outcome: str) -> dict[str, Any]:
    """The arguments of a crawl whose things' pages all come to this; a limit for those never asked."""
    reply = OUTCOMES[outcome]
    world.own = lambda path: reply if path.startswith("/things/") else None
    return SEARCH if reply else SEARCH | {"most": 1}


def facts(engine: Engine, *names: str) -> dict[int, tuple[Any, ...]]:
    with engine.connect() as connection:
        columns = [tables.things.c[name] for name in ("id", *names)]
        return {row[0]: tuple(row[1:]) for row in connection.execute(select(*columns))}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_a_row_says_is_kept_whatever_becomes_of_the_things_page(engine, world, outcome):
    said = found(world)

    number = crawl(engine, world, "things", **failing(world, outcome))

    assert facts(engine, *FACTS[1:]) == {
        thing: (row["name"], row["creator"]["name"], row["like_count"], row["preview_image"])
        for thing, row in said.items()
    }
    with engine.connect() as connection:
        people = {row["creator"]["name"] for row in said.values()}
        assert set(connection.execute(select(tables.creators.c.username)).scalars()) == people
        assert row_counts(connection)["things"] == 0
        assert row_counts(connection)["named by others only"] == len(said)
        assert rows(connection, tables.download_snapshots) == []
        assert rows(connection, tables.crawl_items, "key", kind="thing") == []
        assert rows(connection, tables.crawl_items, "key", kind="creator") == []
        assert list(known_things(connection, 0.0)) == []
        flaws = audit_crawl(connection, find_crawl(connection, str(number))).flaws
        assert [flaw for flaw in flaws if "things" in flaw] == []


def test_what_a_thing_says_itself_counts_more_than_its_row(engine, world):
    crawl(engine, world, "things", **failing(world, "403"))
    world.own = lambda path: None

    crawl(engine, world, "things", **SEARCH)
    own = facts(engine, "like_count", "make_count", "name", "last_scraped")
    pictures = facts(engine, "preview_image")
    later = World(things=400, day=20)
    crawl(engine, later, "things", **failing(later, "403"))

    answered = {thing: said for thing, said in own.items() if said[3] is not None}
    assert len(answered) > 5
    after = facts(engine, "like_count", "make_count", "name", "last_scraped")
    assert {thing: after[thing] for thing in answered} == answered
    assert all(pictures[thing][0] for thing in answered)


def test_reading_the_answers_again_brings_what_rows_said(engine, world):
    crawl(engine, world, "things", **failing(world, "403"))
    before, whole = facts(engine, *FACTS[1:], "told_at", "last_scraped"), Settings()
    with engine.connect() as connection:
        people = rows(connection, tables.creators, "id", "username", "name", "last_scraped")
    with writing(engine) as connection:
        connection.execute(delete(tables.things))
        connection.execute(delete(tables.creators))
    whole.setmodule("tvspiders.settings")
    whole.set("DATABASE_URL", engine.url.render_as_string(hide_password=False), "cmdline")

    reparse(whole, None)

    assert len(before) > 5
    assert facts(engine, *FACTS[1:], "told_at", "last_scraped") == before
    with engine.connect() as connection:
        assert rows(connection, tables.creators, "id", "username", "name", "last_scraped") == people


def test_details_only_where_rows_changed_asks_what_it_asked_and_keeps_rows_of_what_is_gone(engine, world):
    gone = min(found(world))
    asked: list[str] = []

    def own(path: str) -> Reply | None:
        asked.append(path)
        return (404, {"error": "Not Found"}, {}) if path == f"/things/{gone}" else None

    world.own = own
    for _ in range(3):
        crawl(engine, world, "things", details="changed", **SEARCH)

    assert facts(engine, "last_scraped", "name")[gone] == (None, found(world)[gone]["name"])
    assert asked.count(f"/things/{gone}") == 1  # a list goes on naming it, and it is let rest
    assert sum(path.startswith("/things/") for path in asked) == len(found(world))


def test_rows_that_are_all_that_is_wanted_are_items_as_ever(engine, world):
    said = found(world)

    crawl(engine, world, "things", details="false", **SEARCH)

    assert {at is None for at, _ in facts(engine, "told_at", "last_scraped").values()} == {True}
    assert all(scraped for _, scraped in facts(engine, "told_at", "last_scraped").values())
    with engine.connect() as connection:
        assert len(rows(connection, tables.crawl_items, "key", kind="thing")) == len(said)


def told(connection, crawl, *items, second):
    """Write what a row tells, in an answer received at this second."""
    for item in items:
        item.last_scraped = at(second)
    answer = unit(1, second=second)
    answer.told.extend(items)
    write_items(connection, crawl.id, [answer])


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_what_rows_say_the_newest_counts_also_when_an_older_one_is_read_later(connection, order):
    crawl = open_crawl(connection)

    for second in order:
        told(connection, crawl, Thing(id=1, name=f"Gear {second}", like_count=second), second=second)

    assert row(connection, tables.things, "name", "like_count", "told_at") == ("Gear 2", 2, at(2))


def test_of_somebody_who_is_known_a_row_fills_only_gaps(connection):
    crawl = open_crawl(connection)
    profile = Creator(id=4, username="amber", follower_count=7, profile=True)
    store(connection, crawl, profile, Creator(username="birch"), second=5)

    told(connection, crawl, Creator(id=4, username="amber", name="Amber A", follower_count=6), second=9)
    told(connection, crawl, Creator(id=5, username="birch", name="B"), second=9)

    columns = ("id", "username", "name", "follower_count", "first_seen", "last_scraped")
    assert rows(connection, tables.creators, *columns) == [
        (4, "amber", "Amber A", 7, at(5), at(5)),
        (5, "birch", "B", None, at(5), at(5)),
    ]


@pytest.mark.parametrize("said", [(4, "old_amber"), (9, "amber")])
def test_a_row_that_contradicts_who_has_which_name_renames_nobody(connection, said):
    crawl = open_crawl(connection)
    store(connection, crawl, Creator(id=4, username="amber", profile=True), second=5)
    before = rows(connection, tables.creators)

    told(connection, crawl, Creator(id=said[0], username=said[1], name="A"), second=9)

    assert rows(connection, tables.creators) == before
    assert rows(connection, tables.creator_names) == []


def test_a_thing_that_only_a_row_tells_of_is_not_stored_for_the_books(engine, world):
    number = crawl(engine, world, "things", **SEARCH)
    with writing(engine) as connection:
        answered = tables.things.c.last_scraped.is_not(None)
        connection.execute(update(tables.things).where(answered).values(last_scraped=None))

    with engine.connect() as connection:
        flaws = audit_crawl(connection, find_crawl(connection, str(number))).flaws

    assert "things that the crawl has answers for are not stored" in flaws[0]


def test_what_a_row_told_goes_with_its_age(connection):
    crawl = open_crawl(connection)
    told(connection, crawl, Thing(id=1, name="Gear", creator="amber", creator_id=4), second=1)
    told(connection, crawl, Thing(id=2, name="Cog", creator="amber", creator_id=4), second=9)

    expire_people(connection, at(5))

    assert rows(connection, tables.things, "id", "name", "creator") == [
        (1, None, None),
        (2, "Cog", "amber"),
    ]


def test_the_creator_of_a_parent_that_a_page_names_is_known(connection):
    crawl = open_crawl(connection)
    edge = Edge(parent_id=1, child_id=7, seen_from="child")
    edge.tell(Thing(id=1, creator="amber", creator_id=4), Creator(id=4, username="amber", name="Amber"))

    store(connection, crawl, edge, second=2)

    assert rows(connection, tables.creators, "id", "username", "name") == [(4, "amber", "Amber")]


def test_what_profiles_hold_is_left_out_of_what_is_told_as_well():
    edge = Edge(parent_id=1, child_id=7, seen_from="child")
    edge.tell(Creator(id=4, username="amber", thumbnail="https://t/amber.jpg"))

    leave_out(edge, Settings({"TV_KEEP_PROFILES": False}))

    assert edge.told[0].thumbnail is None
