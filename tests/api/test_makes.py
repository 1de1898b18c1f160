"""Makes: who printed what."""

from tests.support.recordings import load
from tvspiders.api.makes import copies
from tvspiders.items import Creator, Make, Thing


def test_recorded_makes_name_maker_and_thing():
    found = copies(load("things-34110-copies-2021"), 34110)

    assert [type(item) for item in found.items] == [Make, Creator, Thing, Creator] * 2
    make, maker, thing, _ = found.items[:4]
    assert make == Make(
        id=19536,
        thing_id=34110,
        maker_id=12442,
        maker=maker.username,
        added="2012-11-11T17:35:59+00:00",
        like_count=0,
        comment_count=0,
        url="https://www.thingiverse.com/make:19536",
    )
    assert (thing.id, thing.like_count, thing.detail) == (34110, 118, False)


def test_a_make_of_2020_has_no_count_of_comments():
    assert copies(load("things-2-copies-2020"), 2).items[0].comment_count is None


def test_the_maker_may_be_called_creator():
    found = copies([{"id": 1, "creator": {"id": 7, "name": "a"}}], 2)

    assert found.items == [Make(id=1, thing_id=2, maker_id=7, maker="a"), Creator(id=7, username="a")]


def test_what_was_asked_fills_in_what_a_row_leaves_out():
    assert copies([{"id": 1}], maker="a").items == [Make(id=1, maker="a")]
    assert copies([{"id": 1, "maker": {"id": 3, "name": None}}], 2).items == [
        Make(id=1, thing_id=2, maker_id=3)
    ]


def test_a_make_of_another_thing_is_refused():
    found = copies([{"id": 1, "thing": {"id": 3}}, {"id": 2, "thing": {"id": 2}}, {"thing": {"id": 2}}, 5], 2)

    assert found.items == [Make(id=2, thing_id=2), Thing(id=2)]
    assert [row.reason for row in found.refused] == ["wrong-id", "no-id", "shape"]
