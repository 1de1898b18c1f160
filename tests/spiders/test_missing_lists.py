"""Lists whose address is missing while their subject is there: never gone, and never silently empty."""

from __future__ import annotations

import pytest

from tests.spiders.walking import World

NOT_FOUND = (404, {"error": "Not Found"}, {})
CREATOR = {"id": 7, "name": "Pia"}


def world_of(answers):
    """A world that knows these paths only, and misses every other one."""
    world = World()
    world.own = lambda path: (200, answers[path], {}) if path in answers else NOT_FOUND
    return world


def detail(number, **fields):
    return {"id": number, "name": f"thing {number}", **fields}


def test_a_list_that_neither_name_brings_is_unreadable_and_its_rows_are_in_doubt():
    world = world_of({"/things/1": detail(1, remix_count=21, ancestors=[])})

    walked = world.walk("remixes", thing=1)

    noted = walked.lists()["1", "derivatives"]
    assert (noted.ended, noted.complete, noted.stated, noted.received) == ("unreadable", False, 21, None)
    assert (noted.doubtful, noted.doubt) == (21, "unreadable")
    assert walked.of("tombstone") == []
    assert walked.count("derivatives") == walked.count("remixes") == 1


@pytest.mark.parametrize("stated", [{"like_count": 0}, {}])
def test_a_missing_list_of_a_subject_that_states_no_row_is_empty(stated):
    world = world_of({"/users/Pia": CREATOR | stated})

    walked = world.walk("users", username="Pia", include="likes")

    noted = walked.lists()["Pia", "likes"]
    assert (noted.ended, noted.complete, noted.received, noted.doubtful) == ("empty", True, 0, 0)
    assert walked.of("tombstone") == []


def test_a_list_that_only_a_default_asked_for_is_named_and_not_in_doubt():
    world = world_of({"/users/Pia": CREATOR | {"count_of_designs": 3}})

    by_default = world.walk("users", username="Pia").lists()["Pia", "things"]
    by_name = world.walk("users", username="Pia", include="things").lists()["Pia", "things"]

    assert (by_default.ended, by_default.doubtful) == ("unreadable", 0)
    assert (by_name.ended, by_name.doubtful) == ("unreadable", 3)


def test_a_list_of_a_thing_that_does_not_exist_any_more_is_gone():
    world = World()
    gone = (404, {"error": "Thing 1 does not exist"}, {})
    world.own = lambda path: (
        (200, detail(1, remix_count=2, ancestors=[]), {}) if path == "/things/1" else gone
    )

    walked = world.walk("remixes", thing=1)

    assert [stone.key for stone in walked.of("tombstone")] == [("list", "thing/1/derivatives")]
    assert walked.count("remixes") == 0


@pytest.mark.parametrize(("derived", "ended"), [(True, "unreadable"), (False, "empty")])
def test_missing_parents_of_a_remix_cannot_be_read(derived, ended):
    world = world_of({"/things/1": detail(1, remix_count=0, is_derivative=derived)})

    walked = world.walk("remixes", thing=1)

    assert walked.lists()["1", "ancestors"].ended == ended
    assert walked.of("tombstone") == []


def test_a_list_that_goes_missing_in_the_middle_keeps_what_came():
    world = World()
    rows = [{"id": number, "name": str(number), "creator": CREATOR} for number in range(1, 31)]
    first = "/users/Pia/things?page=1&per_page=30"
    found = {"/users/Pia": CREATOR | {"count_of_designs": 45}, first: rows}
    world.own = lambda path: (200, found[path], {"total-count": "45"}) if path in found else NOT_FOUND

    walked = world.walk("users", username="Pia", include="things", details="false")

    noted = walked.lists()["Pia", "things"]
    assert (noted.ended, noted.doubtful) == ("unreadable", 15)
    assert len(walked.ids("thing")) == 30
