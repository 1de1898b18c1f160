"""The items of an answer become rows, whatever their kind."""

from typing import get_args

import pytest
from sqlalchemy import select

from tests.support.making import (
    OWNER,
    at,
    commit,
    filled,
    full,
    leased,
    open_crawl,
    row,
    rows,
    store,
    unit,
)
from tvspiders.items import AnyItem, Category, Edge, File, Thing, ThingCategory
from tvspiders.storage import tables
from tvspiders.storage.commit import commit_units
from tvspiders.storage.tables import metadata


def test_a_unit_brings_rows_of_every_kind(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, *full(7)))

    assert {type(item) for item in full(7)} == set(get_args(AnyItem))
    ledger = {"answer_fields", "feeds", "feed_items", "crawl_workers", "quota_windows"}
    elsewhere = {"dialects", "forgotten", "likes_sent", "orders", "order_events"}
    expected = set(metadata.tables) - {"creator_names"} - ledger - elsewhere
    assert set(filled(connection)) == expected
    assert row(connection, tables.things, "categories", "tags", "ancestors") == (
        '["Art"]',
        '["gear"]',
        "[1, 2]",
    )


def test_the_raw_answer_is_kept_with_the_things_own_page_only(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, Thing(id=7, detail=True), Thing(id=8), raw_json='{"id":7}'))

    assert rows(connection, tables.things, "id", "raw_json") == [(7, '{"id":7}'), (8, None)]


@pytest.mark.parametrize("pairs", [[(1, 7), (2, 7)], [(7, 7)], [(1, 7), (7, 1)], [(404404, 7)]])
def test_every_edge_is_kept(connection, pairs):
    crawl = open_crawl(connection)

    store(connection, crawl, *(Edge(parent_id=p, child_id=c, seen_from="child") for p, c in pairs))

    assert rows(connection, tables.remix_edges, "parent_id", "child_id") == sorted(pairs)


def test_an_edge_seen_from_both_sides_is_one_row(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, Edge(parent_id=1, child_id=7, seen_from="child"), second=1)

    store(connection, crawl, Edge(parent_id=1, child_id=7, seen_from="parent"), second=2)

    seen = row(connection, tables.remix_edges, "seen_from_child", "seen_from_parent")
    assert seen == (at(1), at(2))


def test_two_categories_may_claim_one_number(connection):
    crawl = open_crawl(connection)

    store(connection, crawl, Category(slug="art", id=3), Category(slug="arts", id=3), Thing(id=7))

    assert rows(connection, tables.categories, "slug", "id") == [("art", 3), ("arts", 3)]
    assert rows(connection, tables.things, "id") == [7]


def test_a_category_met_later_is_named_in_its_things(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, ThingCategory(thing_id=7, category_slug="art"), second=1)

    store(connection, crawl, Thing(id=7), second=2)

    assert row(connection, tables.things, "categories") == '["art"]'


def told(parent: int = 1, child: int = 7, **said) -> Edge:
    """The edge from a child's page that says more of the parent."""
    edge = Edge(parent_id=parent, child_id=child, seen_from="child")
    fields = {
        "name": "Gear",
        "creator": "amber",
        "creator_id": 4,
        "url": "https://t/thing:1",
        "like_count": 5,
    }
    edge.tell(Thing(id=parent, **fields | said))
    return edge


def test_a_parent_that_a_page_names_is_known_and_not_answered(connection):
    crawl = open_crawl(connection)

    store(connection, crawl, Thing(id=7, detail=True), told())

    names = ("name", "creator", "url", "like_count", "detail_scraped", "last_scraped", "first_seen")
    assert row(connection, tables.things, *names, id=1) == (
        *("Gear", "amber", "https://t/thing:1", 5),
        *(None, None, None),
    )
    assert rows(connection, tables.creators) == []
    assert rows(connection, tables.download_snapshots, thing_id=1) == []
    assert rows(connection, tables.crawl_items, "key", kind="thing") == ["7"]


def test_the_first_answer_of_a_named_thing_is_its_first(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, told(), second=1)
    numbers = leased(connection, crawl, 1)

    answer = unit(numbers[0], Thing(id=1, like_count=5), second=9)
    (committed,) = commit_units(connection, crawl.id, OWNER, [answer])

    assert (committed.new_things, committed.snapshots) == (1, 1)
    assert row(connection, tables.things, "name", "first_seen", "last_scraped", id=1) == (
        "Gear",
        at(9),
        at(9),
    )


@pytest.mark.parametrize("second", [1, 9])
def test_what_others_say_of_a_thing_changes_nothing_that_it_said_itself(connection, second):
    crawl = open_crawl(connection)
    store(connection, crawl, Thing(id=1, detail=True, name="Wheel", like_count=4), second=5)
    (before,) = connection.execute(select(tables.things)).mappings()

    store(connection, crawl, told(like_count=9, name="Gear"), second=second)

    (after,) = connection.execute(select(tables.things)).mappings()
    filled = {"creator": "amber", "creator_id": 4, "url": "https://t/thing:1"}
    assert dict(after) == dict(before) | filled
    assert rows(connection, tables.download_snapshots, "like_count") == [4]


def test_of_what_others_say_the_newest_counts(connection):
    crawl = open_crawl(connection)

    for second, name in ((1, "Cog"), (2, "Gear")):
        store(connection, crawl, told(child=6 + second, name=name), second=second)

    assert row(connection, tables.things, "name", id=1) == "Gear"


def files(connection) -> list[tuple]:
    return sorted(rows(connection, tables.files, "thing_id", "id", "name", "size"), key=str)


def test_two_files_of_one_name_are_two_rows(connection):
    crawl = open_crawl(connection)

    store(connection, crawl, *(File(thing_id=7, id=n, name="a.stl", size=n) for n in (1, 2)), second=1)
    store(connection, crawl, File(thing_id=7, id=2, name="b.stl", size=None), second=2)

    assert files(connection) == [(7, 1, "a.stl", 1), (7, 2, "b.stl", 2)]
    assert sorted(rows(connection, tables.crawl_items, "key")) == ["7>1>a.stl", "7>2>a.stl", "7>2>b.stl"]


def test_a_file_without_a_number_gives_way_to_the_numbered_one(connection):
    crawl = open_crawl(connection)
    page = [File(thing_id=7, name=name, direct_url=f"https://t/{name}") for name in ("a.stl", "b.stl")]

    store(connection, crawl, *page, second=1)
    store(connection, crawl, *page, second=2)
    store(connection, crawl, File(thing_id=7, id=1, name="a.stl", size=5), second=3)
    store(connection, crawl, *page, second=4)

    assert files(connection) == [(7, 1, "a.stl", 5), (7, None, "b.stl", None)]
    assert row(connection, tables.files, "direct_url", "last_scraped", id=None) == ("https://t/b.stl", at(4))


def test_a_row_is_not_older_than_what_only_others_said(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, told(like_count=5), second=1)

    store(connection, crawl, Thing(id=1, name="Gear", like_count=4), second=9)

    assert row(connection, tables.things, "like_count", id=1) == 4
