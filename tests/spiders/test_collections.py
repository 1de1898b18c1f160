"""Collections: themselves, their owners, and what is in them."""

from __future__ import annotations

import pytest

from tests.support.bench import bench
from tests.support.walking import World


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def number(world):
    """A collection with more than a page of things, or the largest there is."""
    catalogue = world.site.catalogue
    there = [n for n in range(1, 600) if catalogue.collector(n) is not None]
    return max(there, key=lambda n: len(catalogue.collected(n, 0)))


def test_a_collection_is_stored_with_its_things(world, number):
    walked = world.walk("collections", collection=number)

    expected = world.oracle.collection(number)
    [collection] = walked.of("collection")
    assert (collection.id, collection.thing_count) == (number, expected["total"])
    assert walked.ids("thing") == sorted(expected["visible"])
    assert {(item.collection_id, item.thing_id) for item in walked.of("collection_member")} == {
        (number, thing) for thing in expected["ids"]
    }
    assert all(thing.detail for thing in walked.of("thing"))
    assert walked.twice == []


def test_rows_are_enough_when_that_is_all_that_is_wanted(world, number):
    walked = world.walk("collections", collection=number, details="false", pages=1)

    assert len(walked.asked) == 2
    assert [item.id for item in walked.of("thing")] == world.oracle.collection(number, limit=30)["ids"]


def test_a_collection_that_is_not_there_leaves_a_tombstone(world):
    walked = world.walk("collections", collection=99_999_999)

    [stone] = walked.items
    assert (stone.subject, stone.subject_id, stone.reason) == ("collection", "99999999", "gone")


def test_a_collection_is_crawled_by_a_real_process(tmp_path, number):
    with bench(tmp_path) as crawls:
        ended = crawls.crawl(
            "collections", collection=f"https://www.thingiverse.com/pia/collections/{number}"
        )

        assert ended.code == 0, ended.log
        expected = crawls.sandbox.oracle.collection(number)
        assert set(crawls.rows("SELECT collection_id, thing_id FROM collection_members")) == {
            (number, thing) for thing in expected["ids"]
        }
        assert crawls.rows("SELECT id, thing_count FROM collections") == [(number, expected["total"])]
