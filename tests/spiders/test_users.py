"""Users: profiles, all their lists, and numbers that do not agree."""

from __future__ import annotations

import pytest

from tests.support.walking import World

EVERYTHING = "things,makes,likes,collections,followers,following"


@pytest.fixture(scope="module")
def world():
    return World()


def test_a_profile_and_its_things_are_stored(world):
    walked = world.walk("users", username="makerbot")

    expected = world.oracle.user("MakerBot")
    [creator] = walked.of("creator")
    assert (creator.username, creator.id, creator.thing_count) == (
        "MakerBot",
        expected["id"],
        expected["thing_count"],
    )
    assert creator.profile
    assert walked.ids("thing") == sorted(expected["things"])
    assert all(thing.detail for thing in walked.of("thing"))
    assert len(walked.asked) == 1 + 2 + len(expected["things"])


def test_everything_that_hangs_off_a_profile_is_stored(world):
    walked = world.walk("users", username="MakerBot", include=EVERYTHING, details="false")

    expected = world.oracle.user("MakerBot")
    number = expected["id"]
    assert walked.ids("make") == sorted(expected["makes"])
    assert {(make.maker_id, make.thing_id) for make in walked.of("make")} == {
        (number, thing) for thing in expected["made_things"]
    }
    assert all(make.added for make in walked.of("make"))
    assert {(like.user_id, like.thing_id) for like in walked.of("like")} == {
        (number, thing) for thing in expected["likes"]
    }
    assert walked.ids("collection") == sorted(expected["collections"])
    members = {
        (collection, thing)
        for collection in expected["collections"]
        for thing in world.site.catalogue.collected(collection, 0)
    }
    assert {(item.collection_id, item.thing_id) for item in walked.of("collection_member")} == members
    people = world.site.catalogue.people
    user = people.rank_of_id(number)
    others = {
        (people.id(other), number) for other in world.site.catalogue.followers(user) if not people.gone(other)
    }
    others |= {
        (number, people.id(other)) for other in world.site.catalogue.following(user) if not people.gone(other)
    }
    assert {(item.follower_id, item.followed_id) for item in walked.of("follow")} == others
    assert walked.twice == []


def test_with_details_no_row_of_a_list_is_stored_as_a_thing(world):
    walked = world.walk("users", username="MakerBot", include=EVERYTHING)

    assert all(thing.detail for thing in walked.of("thing"))
    assert len(walked.ids("thing")) == len(set(walked.ids("thing")))
    assert walked.twice == []


def test_the_number_on_the_profile_and_the_number_in_the_list_are_both_kept(caplog):
    world = World()
    caplog.set_level("INFO")
    profile = {"id": 7, "name": "Pia", "count_of_designs": 5}
    rows = [{"id": number, "name": str(number), "creator": {"id": 7, "name": "Pia"}} for number in (1, 2, 3)]
    answers = {"/users/Pia": profile, "/users/Pia/things?page=1&per_page=30": rows}
    world.own = lambda path: (200, answers[path], {"total-count": "3"})

    walked = world.walk("users", username="Pia", details="false")

    noted = walked.lists()["Pia", "things"]
    assert (noted.stated, noted.total, noted.received, noted.ended) == (5, 3, 3, "total")
    assert "5 stated, 3 listed (-2)" in caplog.text


def test_a_user_who_is_gone_is_named_and_the_others_are_stored(world, caplog):
    walked = world.walk("users", username="MakerBot,nobody-of-that-name", details="false")

    assert "The site shows no user 'nobody-of-that-name'" in caplog.text
    [stone] = walked.of("tombstone")
    assert (stone.subject, stone.subject_id, stone.reason) == ("user", "nobody-of-that-name", "gone")
    assert len(walked.ids("thing")) == 50


def test_me_is_the_one_whose_token_it_is(world):
    walked = world.walk("users", username="me", details="false")

    assert walked.asked[0] == "/users/me"
    assert all("/me/" not in path for path in walked.asked)


def test_users_are_read_from_a_file(world, tmp_path):
    file = tmp_path / "users.txt"
    file.write_text(
        "\ufeff# creators\nMakerBot, makerbot\nhttps://www.thingiverse.com/prolific_Pia/designs\n"
    )

    walked = world.walk("users", file=file, details="false")

    assert {creator.username for creator in walked.of("creator")} == {"MakerBot", "prolific_Pia"}
    assert walked.count("/things") == 2 + 3


@pytest.mark.parametrize("oddity", ["short", "empty", "repeat", "drift", "moving"])
def test_lists_that_lie_about_their_end_lose_nothing_and_do_not_loop(oddity):
    world = World(things=3000, oddities=frozenset({oddity}))

    walked = world.walk("users", username="prolific_Pia", details="false")

    expected = world.oracle.user("prolific_Pia")["things"]
    assert set(walked.ids("thing")) == set(expected)
    assert len(walked.asked) <= 1 + len(expected) // 29 + 4


@pytest.mark.parametrize("oddity", ["short", "empty", "repeat", "drift", "moving"])
def test_every_other_list_of_a_user_survives_lies_about_its_end(oddity):
    world = World(page_cap=4, oddities=frozenset({oddity}))
    include = "makes,likes,collections,followers,following"

    walked = world.walk("users", username="MakerBot", include=include, details="false")

    expected = world.oracle.user("MakerBot")
    number, members = expected["id"], {c: world.oracle.collected(c) for c in expected["collections"]}
    follows = {(item.follower_id, item.followed_id) for item in walked.of("follow")}
    honest = World().walk("users", username="MakerBot", include="followers,following", details="false")
    assert {make.id for make in walked.of("make")} == set(expected["makes"])
    assert {(like.user_id, like.thing_id) for like in walked.of("like")} == {
        (number, thing) for thing in expected["likes"]
    }
    assert {item.id for item in walked.of("collection")} == set(expected["collections"])
    assert {(item.collection_id, item.thing_id) for item in walked.of("collection_member")} == {
        (collection, thing) for collection, things in members.items() for thing in things
    }
    assert follows == {(item.follower_id, item.followed_id) for item in honest.of("follow")}
    lengths = [len(expected["likes"]), len(follows), *map(len, members.values())]
    assert max(lengths) > 12  # else no page is in the middle
    assert len(walked.asked) <= 2 * sum(lengths)


def test_a_row_that_is_not_understood_takes_no_other_with_it_and_is_counted(caplog):
    world = World()
    rows = [{"id": 1, "name": "one"}, {"name": "no number"}, "nonsense", {"id": 2, "name": "two"}]
    answers = {"/users/Pia": {"id": 7, "name": "Pia"}, "/users/Pia/things?page=1&per_page=30": rows}
    world.own = lambda path: (200, answers[path], {"total-count": "4"})

    walked = world.walk("users", username="Pia", details="false")

    assert walked.ids("thing") == [1, 2]
    assert walked.lists()["Pia", "things"].refused == 2
    assert caplog.text.count("was not understood") == 2
