"""Categories: the tree, their things, typing errors, and what a category holds and does not serve."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.support.walking import World
from tvspiders.api.known_categories import KNOWN
from tvspiders.params import CategoriesParams, explain
from tvspiders.spiders.categories import CategoriesSpider


@pytest.fixture(scope="module")
def world():
    return World()


def test_without_arguments_the_whole_tree_is_stored(world):
    walked = world.walk("categories")

    roots = [known for known in KNOWN.values() if known.parent is None]
    stored = {item.slug: item for item in walked.of("category")}
    assert len(walked.asked) == 1 + len(roots)
    assert {slug: (item.name, item.parent_slug) for slug, item in stored.items()} == {
        known.slug: (known.name, known.parent) for known in KNOWN.values()
    }
    assert all(item.id is not None and item.thing_count is not None for item in stored.values())
    assert stored["other"].id == 0
    assert walked.twice == []


@pytest.mark.parametrize("given", ["robotics", "Robotics", "96", "robotics,96"])
def test_slug_name_and_number_mean_the_same_category(world, given):
    walked = world.walk("categories", category=given)

    expected = world.oracle.category("robotics")
    assert walked.ids("thing") == sorted(expected["visible"])
    assert {
        (item.thing_id, item.category_slug, item.category_name) for item in walked.of("thing_category")
    } == {(thing, "robotics", "Robotics") for thing in expected["ids"]}
    assert len(walked.asked) == len(expected["ids"]) + 1
    assert walked.twice == []


def test_things_below_a_category_come_with_subcategories(world):
    walked = world.walk("categories", category="gadgets", subcategories="true", details="false")

    filed = {item.category_slug for item in walked.of("thing_category")}
    assert filed == {"gadgets", "audio", "mobile-phone", "video-games"}
    for slug in filed:
        things = [item.thing_id for item in walked.of("thing_category") if item.category_slug == slug]
        assert sorted(things) == sorted(world.oracle.category(slug)["ids"])


def deep(path):
    """Art, below it two levels that come by themselves, and one that only its parent's page tells of."""
    below = {
        "/categories/art": [{"name": "Clay", "slug": "clay", "children": [{"name": "Pots", "slug": "pots"}]}],
        "/categories/pots": [{"name": "Urns", "slug": "urns"}],
    }
    if path.startswith("/categories?"):
        return 200, [{"name": "Art", "slug": "art"}], {"total-count": "1"}
    if path.endswith("per_page=30"):
        return 200, [{"id": 1, "name": "one"}], {"total-count": "1"}
    return 200, {"name": path.rpartition("/")[2], "children": below.get(path, [])}, {}


@pytest.mark.parametrize(
    ("given", "found", "asked"),
    [
        ({}, {"art": None, "clay": "art", "pots": "clay"}, 2),
        ({"subcategories": "true"}, {"art": None, "clay": "art", "pots": "clay", "urns": "pots"}, 5),
    ],
)
def test_levels_below_the_second_are_stored_when_told_and_asked_for_on_request(given, found, asked):
    world = World()
    world.own = deep

    walked = world.walk("categories", **given)

    assert {item.slug: item.parent_slug for item in walked.of("category") if item.slug in found} == found
    assert len(walked.asked) == asked


def test_subcategories_are_followed_however_deep():
    world = World()
    world.own = deep

    walked = world.walk("categories", category="art", subcategories="true", details="false")

    assert {item.category_slug for item in walked.of("thing_category")} == {"art", "clay", "pots", "urns"}


def test_all_things_of_all_categories(world):
    walked = world.walk("categories", category="all", details="false")

    visible = {thing for thing in range(1, 1001) if world.oracle.state(thing) == "visible"}
    assert {item.thing_id for item in walked.of("thing_category")} == visible
    assert len({item.category_slug for item in walked.of("thing_category")}) == len(KNOWN)


def test_pages_limit_each_category_and_the_end_says_so(world):
    walked = world.walk("categories", category="household", pages=2, details="false")

    assert len(walked.ids("thing")) == 60
    ended = walked.lists()["household", "things"]
    assert (ended.ended, ended.complete, ended.pages, ended.received) == ("limit", False, 2, 60)


@pytest.mark.parametrize(
    ("given", "closest"),
    [
        ("houshold", "household"),
        ("kitchen", "kitchen-and-dining"),
        ("maths art", "math-art"),
        ("robots", "robotics"),
        ("kitchen", "slug:kitchen"),
        ("Zzyzx", "closest are"),
        ("zzyzx--", "closest are"),
    ],
)
def test_a_typing_error_is_refused_and_the_closest_are_named(given, closest):
    with pytest.raises(ValidationError) as caught:
        CategoriesParams(category=given)

    assert closest in explain(caught.value)
    assert "\n" not in explain(caught.value)


@pytest.mark.parametrize(
    ("given", "slug"), [("slug:zzyzx", "zzyzx"), ("slug:kitchen", "kitchen"), ("drones", "drones")]
)
def test_a_slug_unknown_to_us_is_asked_for(world, given, slug):
    assert world.walk("categories", category=given).asked == [f"/categories/{slug}/things?page=1&per_page=30"]


def drones(path):
    """A site with a category that is newer than the list of known ones."""
    return 200, [{"id": 7, "name": "copter"}], {"total-count": "1"}


def test_a_new_slug_is_told_of_once_and_is_known_when_its_things_came(monkeypatch, caplog):
    world = World()
    world.own = drones

    first = world.walk("categories", category="drones", details="false")
    told = caplog.text
    monkeypatch.setattr(CategoriesSpider, "stored_slugs", {item.slug for item in first.of("category")})
    world.walk("categories", category="drones", details="false")

    assert first.asked == ["/categories/drones/things?page=1&per_page=30"]
    assert [item.slug for item in first.of("category")] == ["drones"]
    assert [item.category_slug for item in first.of("thing_category")] == ["drones"]
    assert told.count("Not among the known categories, requested all the same: drones") == 1
    assert caplog.text == told


def test_a_new_slug_without_a_thing_does_not_count_as_known():
    world = World()
    world.own = lambda path: (200, [], {})

    assert world.walk("categories", category="drones", details="false").of("category") == []


def test_a_category_that_the_site_does_not_know_leaves_a_tombstone(world, caplog):
    walked = world.walk("categories", category="slug:kitchen")

    [stone] = walked.items
    assert (stone.subject, stone.subject_id, stone.reason) == ("category", "kitchen", "gone")
    assert "kitchen-and-dining" in caplog.text


@pytest.mark.parametrize("oddity", ["short", "empty", "repeat", "drift", "moving"])
def test_lists_that_lie_about_their_end_lose_nothing_and_do_not_loop(oddity):
    world = World(oddities=frozenset({oddity}))

    walked = world.walk("categories", category="household", details="false")

    expected = world.oracle.category("household")["ids"]
    assert {item.thing_id for item in walked.of("thing_category")} == set(expected)
    assert len(walked.asked) <= len(expected) // 29 + 4


def rows(numbers):
    return [{"id": number, "name": str(number)} for number in numbers]


def capped(path):
    """A category that states 25,000 things and serves 10,000; searches of it serve the rest."""
    page = int(path.partition("page=")[2].partition("&")[0] or 1)
    if path.startswith("/categories/"):
        first = (page - 1) * 30
        found = rows(range(first + 1, min(first + 30, 10_000) + 1))
        return 200, found, {"total-count": "25000"}
    if "is_derivative=1" in path:
        return 200, {"total": 2, "hits": rows([20_001, 20_002])}, {}
    if "is_derivative=0" in path:
        return 200, {"total": 1, "hits": rows([20_003])}, {}
    return 200, {"total": 10_000, "hits": rows(range(1, 31))}, {}


def test_the_rest_of_a_capped_category_is_reached_by_searches(caplog):
    world = World()
    world.own = capped

    walked = world.walk("categories", category="household", details="false", beyond_window="true")

    assert {20_001, 20_002, 20_003} <= {item.thing_id for item in walked.of("thing_category")}
    assert {item.category_slug for item in walked.of("thing_category")} == {"household"}
    assert walked.count("/search/") == walked.count("category_id=67") == 4
    assert walked.count("/categories/") <= 334 + 3


def test_the_log_says_when_reaching_beyond_the_window_would_have_helped(caplog):
    world = World()
    world.own = capped

    walked = world.walk("categories", category="household", details="false")

    assert walked.count("/search/") == 0
    assert "beyond_window=true reaches further" in caplog.text
