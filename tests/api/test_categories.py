"""Categories: slugs as given, never made up."""

import pytest

from tests.support.recordings import load
from tvspiders.api.categories import categories, categories_inside, category, thing_categories
from tvspiders.errors import AnswerRefused
from tvspiders.items import Category, ThingCategory


def test_the_roots_of_2015_take_their_slugs_from_the_address():
    found = categories(load("categories-list-2015")).items

    assert found[0] == Category(slug="3d-printing", name="3D Printing")


def test_a_category_of_2021_gives_all_that_it_says():
    assert thing_categories(load("things-295776-categories-2021"), 295776).items == [
        ThingCategory(thing_id=295776, category_slug="people", category_name="People"),
        Category(slug="people", id=112, name="People", thing_count=8044),
    ]


def test_a_category_of_2020_has_neither_number_nor_count():
    assert thing_categories(load("things-2-categories-2020"), 2).items[1] == Category(
        slug="other", name="Other"
    )


def test_the_number_0_is_a_category():
    assert categories([{"id": 0, "slug": "other"}]).items == [Category(slug="other", id=0)]


TOYS = {
    "name": "Toys & Games",
    "url": "https://api.thingiverse.com/categories/toys-and-games",
    "count": 9,
    "children": [
        {"id": 151, "name": "Chess", "slug": "chess", "children": [{"slug": "openings"}]},
        {"name": "R/C Vehicles", "url": "https://api.thingiverse.com/categories/rc-vehicles/"},
    ],
}


def test_children_know_their_parent():
    assert category(TOYS, "toys-and-games") == [
        Category(slug="toys-and-games", name="Toys & Games", thing_count=9),
        Category(slug="chess", id=151, name="Chess", parent_slug="toys-and-games"),
        Category(slug="openings", parent_slug="chess"),
        Category(slug="rc-vehicles", name="R/C Vehicles", parent_slug="toys-and-games"),
    ]
    assert categories([TOYS]).items == category(TOYS, "Toys & Games")


def test_a_list_may_be_told_its_parent():
    assert categories([{"slug": "chess"}], "toys-and-games").items[0].parent_slug == "toys-and-games"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (TOYS, "wrong-id"),
        ({"count": 5}, "no-slug"),
        ([], "shape"),
        ({"slug": "art", "children": "x"}, "shape"),
        ({"slug": "art", "children": [{"count": 5}]}, "no-slug"),
    ],
)
def test_what_is_not_the_category_asked_for_is_refused(document, reason):
    with pytest.raises(AnswerRefused) as caught:
        category(document, "art")

    assert caught.value.reason == reason


def test_a_category_without_a_slug_is_refused_alone():
    found = thing_categories([{"name": "Art"}, {"slug": "art"}], 5)

    assert (len(found.items), [row.reason for row in found.refused]) == (2, ["no-slug"])


FILED = ThingCategory(thing_id=5, category_slug="chess", category_name="Chess")


@pytest.mark.parametrize(
    ("value", "names", "items"),
    [
        (None, None, ()),
        ("Chess", None, ()),
        ([], [], ()),
        ({}, [], ()),
        (
            [{"slug": "chess", "name": "Chess", "count": 3}],
            ["Chess"],
            (FILED, Category(slug="chess", name="Chess", thing_count=3)),
        ),
        (["Chess", "chess"], ["Chess"], (FILED, Category(slug="chess", id=151, name="Chess"))),
        # a slug is never made from a name, so the list of the thing's categories is still to be asked
        (["Chess", "Newer than us"], None, (FILED, Category(slug="chess", id=151, name="Chess"))),
        ([{"count": 3}], None, ()),
    ],
)
def test_categories_inside_a_thing_are_read_where_they_can_be(value, names, items):
    assert categories_inside(value, 5) == (names, items)
