"""Users: profiles, summaries, and who follows whom."""

from dataclasses import replace

import pytest

from tests.support.recordings import load
from tvspiders.api import users
from tvspiders.errors import AnswerRefused
from tvspiders.items import Creator, Follow, Like


def test_a_profile_gives_all_that_it_says():
    assert users.user_profile(load("user-MakerBot-2021"), "makerbot") == [
        Creator(
            id=928,
            username="MakerBot",
            name="Ada Lee",
            follower_count=18280,
            following_count=37,
            thing_count=528,
            make_count=11,
            like_count=209,
            collection_count=33,
            skill_level=None,
            registered="2009-08-19T15:45:32+00:00",
            last_active="2021-07-19T15:10:57+00:00",
            location="Somewhere",
            country=None,
            website="example.org",
            favorite_count=6,
            first_name="Ada",
            last_name="",
            bio="Text.",
            thumbnail="https://cdn.thingiverse.com/renders/74/2d/76/2d/09/picture.jpg",
            cover_image="https://cdn.thingiverse.com/renders/93/fe/ba/38/a7/picture.jpg",
            url="https://www.thingiverse.com/MakerBot",
            profile=True,
        )
    ]


def test_what_a_user_writes_passes_the_mask_of_addresses():
    given = {
        "name": "a",
        "first_name": "Ada",
        "last_name": "ada@example.org",
        "bio": "Ask ada@example.org @work",
    }

    [user] = users.user_profile(given, "a")

    assert (user.first_name, user.last_name) == ("Ada", "[removed]")
    assert (user.name, user.bio) == ("Ada [removed]", "Ask [removed] @work")


def test_a_summary_has_names_and_pictures_and_downloads_since_2026():
    pictures = {"thumbnail": "https://t/small.jpg", "cover": "https://t/large.jpg"}
    given = {"name": "a", "first_name": "Ada", "count_of_downloads": 7} | pictures

    summary = users.creator_summary(given)

    assert (summary.first_name, summary.last_name, summary.download_count) == ("Ada", None, 7)
    assert (summary.thumbnail, summary.cover_image) == ("https://t/small.jpg", "https://t/large.jpg")


def test_a_summary_that_states_what_profiles_do_is_read_like_one():
    profile = load("user-MakerBot-2021")

    [whole], summary = users.user_profile(profile, "makerbot"), users.creator_summary(profile)

    assert summary == replace(whole, profile=False)


def test_an_impossible_date_of_registration_is_unknown():
    [me] = users.user_profile(load("user-me-2022"), "me")

    assert (me.registered, me.last_active) == (None, "2022-02-11T06:00:19+00:00")
    assert (me.country, me.location, me.skill_level) == ("US", "", None)


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ("Advanced", "Advanced"),
        ("novice", "Novice"),
        ("Intermediate", "Intermediate"),
        ("0", None),
        ("", None),
        (3, None),
    ],
)
def test_a_skill_level_is_one_of_three(given, level):
    assert users.user_profile({"name": "a", "skill_level": given}, "a")[0].skill_level == level


@pytest.mark.parametrize(
    "name", ["user-small-2025", "user-advanced-2021", "user-MakerBot-2021", "user-me-2022"]
)
def test_every_recorded_profile_is_read(name):
    document = load(name)

    [creator] = users.user_profile(document, document["name"].upper())

    assert creator.id == document["id"]
    assert creator.follower_count == document["count_of_followers"]
    assert creator.profile


def test_the_guide_s_names_are_read_where_the_real_ones_are_absent():
    guide = {"name": "a", "follower_count": 1, "following_count": 2, "thing_count": 3, "make_count": 4}

    [creator] = users.user_profile(guide | {"count_of_followers": 9}, "a")

    assert (creator.follower_count, creator.following_count, creator.thing_count, creator.make_count) == (
        9,
        2,
        3,
        4,
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"name": "b"}, "wrong-id"),
        ({"id": 1}, "no-name"),
        ({"name": " "}, "no-name"),
        ([], "shape"),
        (None, "shape"),
    ],
)
def test_what_is_not_the_user_asked_for_is_refused(document, reason):
    with pytest.raises(AnswerRefused) as caught:
        users.user_profile(document, "a")

    assert caught.value.reason == reason


def test_users_found_by_a_search_are_summaries():
    found = users.user_rows(load("search-users-2021"))

    assert found.total == 10000
    assert found.items[0].follower_count == 13730
    assert not any(creator.profile or creator.registered for creator in found.items)


def test_a_summary_without_names_has_an_empty_one():
    assert users.creator_summary({"name": "a", "first_name": "", "last_name": ""}).name == ""
    assert users.creator_summary({"name": "a"}).name is None
    assert users.creator_summary(None) is None


def test_followers_follow_and_the_following_are_followed():
    rows = [{"id": 1, "name": "b"}, {"id": 2}]

    there, back = users.followers(rows, "a", 7), users.following(rows, "a", 7)

    b = Creator(id=1, username="b")
    assert there.items == [Follow(follower_id=1, followed_id=7, follower="b", followed="a"), b]
    assert back.items == [Follow(follower_id=7, followed_id=1, follower="a", followed="b"), b]
    assert [row.reason for row in there.refused + back.refused] == ["no-name", "no-name"]


def test_a_follower_without_a_number_is_refused():
    found = users.followers([{"name": "b"}], "a", 7)

    assert (found.items, [row.reason for row in found.refused]) == ([], ["no-id"])


@pytest.mark.parametrize("row", [{"id": 1, "name": "b"}, {"id": 9, "user": {"id": 1, "name": "b"}}])
def test_a_like_of_a_thing_names_the_user(row):
    found = users.thing_likes([row], 5)

    assert found.items == [Like(username="b", thing_id=5, user_id=1), Creator(id=1, username="b")]
