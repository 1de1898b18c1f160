"""A list with an odd page is looked at twice by every spider, in the middle of its own way of reading."""

import pytest

from tests.support.walking import World

ODD = ["empty", "short", "repeated", "as-2"]
CRAWLS = {
    "things": {"query": "box", "details": "false"},
    "categories": {"category": "gadgets", "details": "false"},
    "listings": {"kind": "verified", "details": "false"},
    "users": {"username": "MakerBot", "include": "things", "details": "false"},
    "remixes": {"thing": 3, "direction": "children", "depth": 1, "details": "false"},
}


def world(*odd, **switches):
    return World(things=3000, page_cap=6, search_page_cap=6, odd_pages=frozenset(odd), **switches)


def ids(walked, spider):
    return {edge.child_id for edge in walked.of("edge")} if spider == "remixes" else set(walked.ids("thing"))


@pytest.mark.parametrize("spider", CRAWLS)
@pytest.mark.parametrize("odd", ODD)
def test_a_page_that_is_odd_once_costs_one_look_and_no_row(spider, odd):
    calm = world().walk(spider, **CRAWLS[spider])

    walked = world(f"4={odd}@once").walk(spider, **CRAWLS[spider])

    assert ids(walked, spider) == ids(calm, spider)
    assert 1 <= len(walked.extra) <= 2
    assert calm.extra == []
    (noted,) = walked.of("list")
    assert (noted.complete, noted.doubtful, noted.looks) == (True, 0, len(walked.extra))


@pytest.mark.parametrize("spider", CRAWLS)
def test_a_page_that_stays_empty_is_in_doubt(spider):
    walked = world("4=empty").walk(spider, **CRAWLS[spider])

    (noted,) = walked.of("list")
    assert (noted.doubtful, noted.looks) == (6, 1)
    assert noted.doubt


def test_a_standing_doubt_is_not_looked_into_any_more(monkeypatch):
    from tvspiders.spiders.categories import CategoriesSpider

    odd = world("4=empty")
    (noted,) = odd.walk("categories", **CRAWLS["categories"]).of("list")
    standing = {"category>gadgets>things": (noted.doubtful, noted.doubt)}
    monkeypatch.setattr(CategoriesSpider, "standing", standing)

    walked = odd.walk("categories", **CRAWLS["categories"])

    assert walked.extra == []
    (again,) = walked.of("list")
    assert (again.doubtful, again.doubt) == (noted.doubtful, noted.doubt)


def test_a_list_without_total_and_link_is_unproven():
    walked = world(hints=False).walk("categories", **CRAWLS["categories"])

    (noted,) = walked.of("list")
    assert (noted.ended, noted.complete, noted.doubtful) == ("unproven", True, 0)
