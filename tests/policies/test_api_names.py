"""Which of its two names a list has: one request finds it out, and a 404 must mean something."""

import pytest

from tvspiders.policies.api_names import ApiNames, NotFound, missed_topic

NAMES = {
    "thing/derivatives": ("derivatives", "remixes"),
    "thing/copies": ("copies", "makes"),
    "user/copies": ("copies", "makes"),
}
LIST = "thing/derivatives"


def dialect(known=(), alive=lambda number: True):
    return ApiNames(NAMES, dict(known), alive)


def test_one_request_finds_out_and_the_others_wait():
    names = dialect()

    assert [names.name_for(LIST, number) for number in (1, 2, 3)] == ["derivatives", None, None]
    assert names.missed(LIST, "derivatives", 1, 5) is NotFound.AGAIN
    assert [names.name_for(LIST, number) for number in (2, 1)] == ["remixes", None]
    assert names.answered(LIST, "remixes")
    assert [names.name_for(LIST, number) for number in (1, 3)] == ["remixes", "remixes"]


def test_where_the_one_that_asks_is_lost_another_one_asks():
    names = dialect(alive=lambda number: number != 1)

    assert [names.name_for(LIST, number) for number in (1, 2, 3)] == ["derivatives", "derivatives", None]


def test_a_name_that_is_known_is_asked_by_all_and_is_no_news():
    names = dialect({LIST: "remixes"})

    assert [names.name_for(LIST, number) for number in (1, 2)] == ["remixes", "remixes"]
    assert not names.answered(LIST, "remixes")


def test_lists_of_one_name_wait_for_each_other_and_are_tried_alike():
    names = dialect()
    assert names.name_for("user/copies", 1) == "copies"
    assert names.name_for("thing/copies", 2) is None
    names.missed("user/copies", "copies", 1, 3)
    names.name_for("user/copies", 1)
    names.answered("user/copies", "makes")

    assert names.name_for("thing/copies", 2) == "makes"
    assert names.known == {"user/copies": "makes"}


def test_what_one_subject_learned_is_no_proof_for_another():
    names = dialect({"user/copies": "makes"})
    assert names.name_for("thing/copies", 1) == "makes"

    assert names.missed("thing/copies", "makes", 1, 3) is NotFound.AGAIN
    assert names.name_for("thing/copies", 1) == "copies"


def test_a_404_where_nothing_is_stated_is_an_empty_list_and_the_next_one_tries_the_other_name():
    names = dialect()
    names.name_for(LIST, 1)

    assert names.missed(LIST, "derivatives", 1, 0) is NotFound.EMPTY
    assert names.name_for(LIST, 2) == "remixes"


def test_where_a_subject_states_nothing_both_names_are_tried_once():
    names = dialect()

    assert names.missed(LIST, "derivatives", 1, None) is NotFound.AGAIN
    assert names.missed(LIST, "remixes", 1, None) is NotFound.EMPTY
    assert names.missed(LIST, "derivatives", 2, None) is NotFound.EMPTY


def test_a_list_that_neither_name_brings_is_unreadable_and_after_two_of_them_none_is_asked_for():
    names = dialect()
    for number in (1, 2):
        assert not names.is_closed(LIST)
        assert names.missed(LIST, "derivatives", number, 5) is NotFound.AGAIN
        assert names.missed(LIST, "remixes", number, 5) is NotFound.UNREADABLE

    assert names.is_closed(LIST)


def test_one_list_that_is_broken_does_not_speak_for_the_others():
    names = dialect()
    for name in ("derivatives", "remixes"):
        names.missed(LIST, name, 1, 5)
    name = names.name_for(LIST, 2)

    assert names.answered(LIST, name)
    assert names.known == {LIST: name}


def test_those_in_flight_under_the_old_name_are_asked_again_however_many():
    names = dialect()
    names.answered(LIST, "remixes")

    assert [names.missed(LIST, "derivatives", number, 5) for number in (1, 2, 3)] == [NotFound.AGAIN] * 3


def test_a_known_name_that_does_not_answer_any_more_is_learned_anew():
    names = dialect({LIST: "derivatives"})

    assert names.missed(LIST, "derivatives", 1, 5) is NotFound.AGAIN
    assert names.name_for(LIST, 1) == "remixes"
    assert names.answered(LIST, "remixes")


def test_a_known_name_is_doubted_once_in_a_run():
    names = dialect({LIST: "derivatives"})
    names.missed(LIST, "derivatives", 1, 5)

    assert names.missed(LIST, "remixes", 1, 5) is NotFound.UNREADABLE
    assert names.missed(LIST, "derivatives", 2, 5) is NotFound.UNREADABLE
    assert names.known == {LIST: "derivatives"}
    assert not names.is_closed(LIST)


@pytest.mark.parametrize("stated", [0, None])
def test_under_a_known_name_a_404_without_a_stated_row_is_an_empty_list(stated):
    assert dialect({LIST: "derivatives"}).missed(LIST, "derivatives", 1, stated) is NotFound.EMPTY


def test_a_name_that_is_no_name_of_the_list_is_not_believed():
    assert dialect({LIST: "children"}).known == {}


def test_a_run_that_ended_before_a_name_answered_leaves_the_one_that_did_not():
    names = dialect({missed_topic(LIST): "derivatives"})

    assert names.known == {}
    assert names.name_for(LIST, 1) == "remixes"


def test_of_many_that_state_nothing_one_tries_the_other_name():
    names = dialect(alive=lambda number: False)

    asked = []
    for number in range(1, 8):
        asked.append(names.name_for(LIST, number))
        assert names.missed(LIST, asked[-1], number, 0) is NotFound.EMPTY

    assert asked.count("remixes") == 1
