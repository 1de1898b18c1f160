"""Things: details and rows of all recorded years."""

import pytest

from tests.support.recordings import load
from tvspiders.api import things
from tvspiders.errors import AnswerRefused
from tvspiders.items import Category, CollectionMember, Creator, Edge, File, Like, Tag, Thing, ThingCategory

DETAILS = [15528, 2, 3730558, 920, 247282, 293620, 298614, 922740, 4049220]
YEAR = {15528: 2015, 2: 2019, 3730558: 2019, 920: 2020, 922740: 2022, 4049220: 2025}


def detail(number: int, **changes):
    return load(f"thing-detail-{number}-{YEAR.get(number, 2021)}") | changes


def test_the_detail_of_2025_gives_all_that_it_says():
    assert things.thing_detail(detail(4049220), 4049220) == [
        Thing(
            id=4049220,
            name="Slatwall support",
            creator="Amber",
            creator_id=3154799,
            creator_url="https://www.thingiverse.com/Amber",
            added="2019-12-14T20:50:10+00:00",
            modified="2019-12-14T20:50:10+00:00",
            license="Creative Commons - Attribution - Share Alike",
            download_count=327,
            like_count=2,
            make_count=0,
            remix_count=0,
            collect_count=10,
            comment_count=0,
            view_count=203,
            file_count=2,
            tags=["slatwall"],
            categories=None,
            ancestors=[],
            is_derivative=False,
            is_featured=False,
            is_nsfw=False,
            is_wip=False,
            is_published=True,
            is_private=False,
            allows_derivatives=True,
            url="https://www.thingiverse.com/thing:4049220",
            thumbnail="https://cdn.thingiverse.com/assets/e3/bc/80/9f/87/picture.stl",
            detail=True,
        ),
        Creator(
            id=3154799,
            username="Amber",
            name="Ada Lee",
            follower_count=32,
            following_count=20,
            thing_count=13,
            make_count=7,
            collection_count=18,
            location="Somewhere",
            first_name="Ada",
            last_name="Lee",
            thumbnail="https://cdn.thingiverse.com/assets/04/b8/80/49/bd/picture.PNG",
            cover_image="https://cdn.thingiverse.com/site/img/default/cover/picture.jpg",
            url="https://www.thingiverse.com/Amber",
        ),
        Tag(name="slatwall", slug="slatwall", thing_count=114),
        File(
            thing_id=4049220,
            name="Slatwall_support.stl",
            direct_url="https://cdn.thingiverse.com/assets/62/09/06/48/fa/picture.stl",
        ),
        File(
            thing_id=4049220,
            name="Slatwall_support.f3d",
            direct_url="https://cdn.thingiverse.com/assets/a1/c0/aa/da/ce/picture.f3d",
        ),
    ]


def test_the_detail_of_2015_leaves_open_what_it_does_not_say():
    [thing, creator] = things.thing_detail(detail(15528), 15528)

    assert (thing.is_published, thing.is_wip, thing.is_featured) == (True, False, False)
    assert (thing.like_count, thing.collect_count, thing.file_count) == (254, 333, 5)
    assert thing.url == "http://www.thingiverse.com/thing:15528"
    for name in (
        "download_count",
        "make_count",
        "remix_count",
        "view_count",
        "comment_count",
        "tags",
        "ancestors",
    ):
        assert getattr(thing, name) is None
    assert (thing.is_derivative, thing.is_nsfw) == (None, None)
    assert creator.follower_count is None


@pytest.mark.parametrize("number", DETAILS)
def test_every_recorded_detail_is_read(number):
    [thing, creator, *_] = things.thing_detail(detail(number), number)

    assert (thing.id, thing.detail, thing.creator_id) == (number, True, creator.id)
    assert thing.added
    assert thing.modified
    assert thing.license
    assert isinstance(thing.is_published, bool)
    assert (thing.ancestors is None) == (YEAR.get(number, 2021) < 2021)


def test_each_parent_is_an_edge_seen_from_the_child():
    items = things.thing_detail(detail(293620), 293620)

    parents = [268401, 98632, 225809, 98655]
    assert items[0].ancestors == parents
    assert [item for item in items if isinstance(item, Edge)] == [
        Edge(parent_id=parent, child_id=293620, seen_from="child") for parent in parents
    ]


def test_an_edge_holds_what_the_page_says_of_the_parent():
    edge = things.thing_detail(detail(298614), 298614, {"edges"})[1]

    thing, creator = edge.told
    assert creator.username == "Raven_121"
    assert (thing.id, thing.detail, thing.name) == (293620, False, "Wayfarer Tactics: Wave One")
    assert thing.creator == "Raven_121"
    assert thing.url == "https://www.thingiverse.com/thing:293620"
    assert "told" not in edge.content()


def test_parents_are_given_as_things_on_request():
    items = things.thing_detail(detail(293620), 293620, {"parents"})

    found = [item for item in items if isinstance(item, Thing)]
    assert [thing.id for thing in found] == [293620, 268401, 98632, 225809, 98655]
    assert [thing.detail for thing in found] == [True, False, False, False, False]
    assert not any(isinstance(item, Edge | Tag) for item in items)


def test_only_the_parts_asked_for_are_given():
    assert len(things.thing_detail(detail(293620), 293620, ())) == 1


def test_a_thing_may_be_its_own_parent():
    items = things.thing_detail(detail(2, ancestors=[2]), 2, {"edges"})

    assert items[1:] == [Edge(parent_id=2, child_id=2, seen_from="child")]


def test_a_deleted_creator_and_a_missing_name_are_allowed():
    [thing] = things.thing_detail(detail(2, creator=None, name=None), 2)

    assert (thing.name, thing.creator, thing.creator_id, thing.license) == (None, None, None, "Public Domain")


def test_a_creator_without_a_name_keeps_the_number():
    [thing] = things.thing_detail(detail(2, creator={"id": 5, "name": None}), 2)

    assert (thing.creator, thing.creator_id) == (None, 5)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"id": 3, "name": "x"}, "wrong-id"),
        ({"name": "x"}, "no-id"),
        ({"id": True, "name": "x"}, "no-id"),
        ({"id": 2**63, "name": "x"}, "no-id"),
        ({"id": 2}, "shape"),
        ({"id": 2, "name": "x", "ancestors": "y"}, "ancestors"),
        ({"id": 2, "name": "x", "ancestors": [{"id": 5}, {"name": "z"}]}, "ancestors"),
        ([], "shape"),
        (None, "shape"),
        ("text", "shape"),
    ],
)
def test_what_is_not_the_thing_asked_for_is_refused(document, reason):
    with pytest.raises(AnswerRefused) as caught:
        things.thing_detail(document, 2)

    assert caught.value.reason == reason


def test_the_number_may_be_text():
    assert things.thing_detail({"id": "763622", "name": None}, 763622)[0].id == 763622


@pytest.mark.parametrize(
    ("name", "rows", "total"),
    [
        ("newest-2019-11", 2, None),
        ("newest-2020-03", 3, None),
        ("search-things-2020-07", 2, 425),
        ("user-search-things-p1-2021", 3, None),
        ("popular-2021-11", 3, None),
        ("search-things-2022", 3, 580),
        ("search-things-newest-2025", 1, 10000),
        ("collection-16696069-things-p1-2025", 3, None),
        ("search-empty-2026", 0, 0),
    ],
)
def test_every_recorded_list_of_things_is_read(name, rows, total):
    found = things.thing_rows(load(name))

    assert (len(found.keys), found.total, found.refused) == (rows, total, [])
    assert [type(item) for item in found.items] == [Thing, Creator] * rows
    for thing in found.items[::2]:
        assert not thing.detail
        assert thing.url == f"https://www.thingiverse.com/thing:{thing.id}"
        assert thing.download_count is thing.view_count is thing.license is thing.remix_count is None
        assert thing.ancestors is thing.categories is thing.modified is thing.file_count is None


def test_counts_that_came_as_text_in_2020_are_numbers():
    bird = things.thing_rows(load("search-things-2020-07")).items[0]

    assert (bird.like_count, bird.comment_count, bird.make_count) == (774, 21, None)
    assert bird.added == "2013-04-19T06:06:20+00:00"
    assert bird.tags[0] == "animal"


def test_flags_that_a_search_leaves_null_stay_unknown():
    hit = things.thing_rows(load("search-things-2022")).items[0]

    assert (hit.is_published, hit.is_private, hit.is_nsfw) == (None, None, False)


def test_a_row_of_2019_says_little():
    row = things.thing_rows(load("newest-2019-11")).items[0]

    assert (row.added, row.tags, row.like_count, row.is_published) == (None, None, None, True)


def test_a_row_that_says_what_no_recorded_row_says_is_believed():
    counts = {"download_count": 7, "view_count": 1, "remix_count": 0, "file_count": 2}
    items = things.thing_row(
        {"id": 5, "license": "BSD", "modified": "2026-11-01", "ancestors": [1], "categories": ["Art"]}
        | counts
    )

    assert items == [
        Thing(
            id=5,
            license="BSD",
            modified="2026-11-01T00:00:00+00:00",
            ancestors=[1],
            categories=["Art"],
            **counts,
        ),
        Edge(parent_id=1, child_id=5, seen_from="child"),
        ThingCategory(thing_id=5, category_slug="art", category_name="Art"),
        Category(slug="art", id=63, name="Art"),
    ]


def test_ancestors_of_a_row_that_cannot_be_read_are_left_to_the_page():
    [thing] = things.thing_row({"id": 5, "ancestors": ["?"]})

    assert thing == Thing(id=5)


def test_a_detail_that_names_its_categories_files_the_thing():
    art = {"id": 63, "name": "Art", "slug": "art", "count": 9}
    items = things.thing_detail(detail(4049220, categories=[art]), 4049220, {"categories"})

    assert items[0].categories == ["Art"]
    assert items[1:] == [
        ThingCategory(thing_id=4049220, category_slug="art", category_name="Art"),
        Category(slug="art", id=63, name="Art", thing_count=9),
    ]


def test_negative_and_huge_counts_are_unknown():
    [thing] = things.thing_row({"id": 5, "like_count": -1, "make_count": 2**63, "collect_count": True})

    assert thing == Thing(id=5)


def test_things_of_a_category_are_filed_under_it():
    found = things.category_things([{"id": 5, "name": "x"}], "art", "Art")

    assert found.items == [
        Thing(id=5, name="x"),
        ThingCategory(thing_id=5, category_slug="art", category_name="Art"),
    ]


def test_things_of_a_collection_are_its_members():
    found = things.collection_things(load("collection-16696069-things-p1-2025"), 16696069)

    members = [item for item in found.items if isinstance(item, CollectionMember)]
    assert members[0] == CollectionMember(collection_id=16696069, thing_id=4763554)
    assert len(members) == 3


def test_things_that_a_user_likes_are_likes():
    found = things.user_likes([{"id": 5}, {"id": None}], "Amber", 7)

    assert found.items == [Thing(id=5), Like(user_id=7, thing_id=5, username="Amber")]
    assert [row.reason for row in found.refused] == ["no-id"]
