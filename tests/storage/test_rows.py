"""From items to rows: every field has its column, and lists are JSON."""

from dataclasses import fields
from typing import get_args

import pytest

from tests.support.making import at, met
from tvspiders import items
from tvspiders.items import AnyItem, Creator, Edge, PageSnapshot, Thing, ThingCategory, Tombstone
from tvspiders.storage import tables
from tvspiders.storage.catalogue.to_rows import PLAIN, add_rows, columns_of


def rows_of(item, raw_json=None):
    found = {}
    add_rows(item, found, raw_json)
    return {table.name: entries for table, entries in found.items()}


@pytest.mark.parametrize(("kind", "table"), PLAIN.items())
def test_the_fields_of_a_plain_item_are_columns_of_its_table(kind, table):
    over_rounds = {"doubt_since", "doubt_crawl", "doubt_rounds"}  # what the database knows of its own
    assert {f.name for f in fields(kind)} - {"kind"} == set(table.c.keys()) - over_rounds


def test_every_item_goes_somewhere():
    special = {Thing, Creator, Edge, ThingCategory, PageSnapshot, Tombstone}

    assert set(PLAIN) | special == set(get_args(AnyItem))


@pytest.mark.parametrize(
    ("item", "table"),
    [
        (Thing(id=1), tables.things),
        (Creator(username="amber"), tables.creators),
        (Edge(parent_id=1, child_id=2, seen_from="child"), tables.remix_edges),
        (Tombstone(subject="thing", subject_id="1", reason="gone"), tables.tombstones),
    ],
)
def test_the_rows_of_the_other_items_fit_their_tables(item, table):
    (row,) = rows_of(item)[table.name]

    assert set(row) <= set(table.c.keys())


def test_lists_are_json_without_escapes():
    row = columns_of(Thing(id=1, tags=["чаша", "a,b"], ancestors=[2, 3], categories=[]))

    assert (row["tags"], row["ancestors"], row["categories"]) == ('["чаша", "a,b"]', "[2, 3]", "[]")


def test_missing_lists_stay_missing():
    assert columns_of(Thing(id=1))["tags"] is None


@pytest.mark.parametrize(("detail", "scraped", "raw"), [(True, at(3), "{}"), (False, None, None)])
def test_only_a_things_own_page_counts_as_detail(detail, scraped, raw):
    (row,) = rows_of(met(3, Thing(id=1, detail=detail)), "{}")["things"]

    assert (row["detail_scraped"], row["raw_json"], row["last_scraped"]) == (scraped, raw, at(3))


@pytest.mark.parametrize(("profile", "scraped"), [(True, at(3)), (False, None)])
def test_only_a_users_own_page_counts_as_profile(profile, scraped):
    (row,) = rows_of(met(3, Creator(id=1, username="amber", profile=profile)))["creators"]

    assert row["profile_scraped"] == scraped


@pytest.mark.parametrize(("side", "other"), [("child", "parent"), ("parent", "child")])
def test_an_edge_remembers_its_side(side, other):
    (row,) = rows_of(met(3, Edge(parent_id=1, child_id=2, seen_from=side)))["remix_edges"]

    assert (row[f"seen_from_{side}"], row[f"seen_from_{other}"]) == (at(3), None)


def test_a_filed_thing_names_its_category():
    found = rows_of(met(3, ThingCategory(thing_id=1, category_slug="art", category_name="Art")))

    assert set(found["thing_categories"][0]) == set(tables.thing_categories.c.keys())
    assert (found["categories"][0]["slug"], found["categories"][0]["name"]) == ("art", "Art")


def test_an_unknown_item_is_a_bug():
    with pytest.raises(KeyError):
        rows_of(items.Item())
