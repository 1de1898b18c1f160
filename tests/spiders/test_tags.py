"""Tags and the things that carry them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.support.bench import bench
from tests.support.walking import World
from tvspiders.params.listings import TagsParams


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize("given", ["planters", " planters! "])
def test_a_tag_is_stored_with_its_things(world, given):
    walked = world.walk("tags", tag=given)

    expected = world.oracle.tag("planters")
    assert expected["ids"]
    assert walked.ids("thing") == sorted(expected["visible"])
    assert "planters" in {item.name for item in walked.of("tag")}
    assert walked.asked[0] == "/tags/planters"
    assert walked.twice == []


def test_what_is_asked_instead_of_what_was_typed_is_told(world, caplog):
    caplog.set_level("INFO")

    walked = world.walk("tags", tag="c++,planters", details="false", pages=1)

    assert "/tags/c" in walked.asked
    told = [record.getMessage() for record in caplog.records if "is asked as" in record.getMessage()]
    assert told == ["tag=c++ is asked as c"]


def test_rows_are_enough_when_that_is_all_that_is_wanted(world):
    walked = world.walk("tags", tag="planters", details="false", pages=1)

    assert len(walked.asked) == 2
    assert all("planters" in thing.tags for thing in walked.of("thing"))


def test_a_tag_without_a_list_is_searched_for(world):
    world.own = lambda path: (404, {"error": "Not Found"}, {}) if path.startswith("/tags/") else None

    walked = world.walk("tags", tag="planters", details="false", pages=1)

    assert [path.partition("?")[0] for path in walked.asked] == [
        "/tags/planters",
        "/tags/planters/things",
        "/search/planters/tag",
    ]
    assert walked.of("thing")


def test_a_tag_that_nobody_knows_leaves_a_tombstone(world):
    world.own = lambda path: (404, {"error": "Not Found"}, {})

    [stone] = world.walk("tags", tag="zzq").items

    assert (stone.subject, stone.subject_id) == ("tag", "zzq")


@pytest.mark.parametrize(
    ("given", "slugs"), [("hot end,Planter", ["hot_end", "Planter"]), ("desk-x, desk-x", ["desk-x"])]
)
def test_tags_are_written_as_in_addresses(given, slugs):
    assert TagsParams(tag=given).tag == slugs


@pytest.mark.parametrize("given", ["", "!!", ",", "x" * 300])
def test_what_is_no_tag_is_refused(given):
    with pytest.raises(ValidationError):
        TagsParams(tag=given)


def test_a_tag_is_crawled_by_a_real_process(tmp_path):
    with bench(tmp_path) as crawls:
        ended = crawls.crawl("tags", tag="planters")
        expected = crawls.sandbox.oracle.tag("planters")

        assert ended.code == 0, ended.log
        assert set(crawls.column("SELECT id FROM things WHERE detail_scraped IS NOT NULL")) == set(
            expected["visible"]
        )
        assert set(expected["visible"]) <= set(
            crawls.column("SELECT thing_id FROM thing_tags WHERE tag = 'planters'")
        )
