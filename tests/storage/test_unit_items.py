"""The items of an answer become rows, whatever their kind."""

from typing import get_args

import pytest

from storage.making import (
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
from tvspiders.items import AnyItem, Category, Edge, Thing, ThingCategory
from tvspiders.storage import tables
from tvspiders.storage.tables import metadata


def test_a_unit_brings_rows_of_every_kind(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, *full(7)))

    assert {type(item) for item in full(7)} == set(get_args(AnyItem))
    ledger = {"feeds", "feed_items", "crawl_workers", "quota_windows"}
    elsewhere = {"likes_sent", "orders", "order_events"}
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
