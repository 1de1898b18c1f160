from collections import Counter

import pytest

from tests.sandbox.sites import api_of
from tvspiders.sandbox.catalogue.lifecycle import State


def test_most_things_are_visible_and_some_are_gone_or_hidden(catalogue):
    states = Counter(catalogue.state(thing, 0) for thing in range(1, 20_001))

    assert states[State.VISIBLE] / 20_000 > 0.95
    assert 0.01 < states[State.DELETED] / 20_000 < 0.04
    for hidden in (State.UNPUBLISHED, State.PRIVATE, State.MODERATED):
        assert 20 < states[hidden] < 200


def test_ids_that_were_never_issued_do_not_exist(catalogue):
    for thing in (-1, 0, 20_001, 99_999_999):
        assert catalogue.state(thing, 0) is State.UNBORN


def test_days_bring_new_things_and_take_old_ones(catalogue):
    life = catalogue.life
    today = {thing for thing in range(1, life.newest(0) + 1) if life.visible(thing, 0)}
    later = {thing for thing in range(1, life.newest(30) + 1) if life.visible(thing, 30)}

    assert len(later - today) > 50
    assert 10 < len(today - later) < 200
    assert life.newest(30) > life.newest(0) == 20_000


def test_what_has_vanished_stays_so(catalogue):
    for thing in range(1, 2000):
        seen = [catalogue.life.visible(thing, day) for day in range(0, 400, 40)]
        assert seen == sorted(seen, reverse=True)


def test_a_new_thing_appears_on_its_birthday(catalogue):
    life = catalogue.life
    for thing in range(20_001, 21_000, 50):
        day = life.birthday(thing)
        assert life.newest(day) >= thing > life.newest(day - 1)


def test_no_count_ever_falls(catalogue):
    for thing in range(1, 300):
        if not catalogue.life.visible(thing, 300):
            continue
        before = catalogue.counts(thing, 0)
        for day in (1, 7, 30, 300):
            after = catalogue.counts(thing, day)
            assert after.root_comments <= after.comments
            for name in ("likes", "makes", "collects", "comments", "downloads", "views"):
                assert getattr(after, name) >= getattr(before, name), (thing, day, name)
            before = after


def test_in_a_week_most_downloads_have_grown(catalogue):
    things = range(1, 1000)
    grown = sum(catalogue.counts(t, 7).downloads > catalogue.counts(t, 0).downloads for t in things)

    assert grown > 700


def test_later_ids_are_never_older(catalogue):
    dates = [catalogue.life.added(thing) for thing in range(1, catalogue.capacity + 1, 97)]

    assert dates == sorted(dates)
    assert dates[0].year == 2008


@pytest.mark.parametrize("things", [100, 777, 20_000])
def test_the_catalogue_is_a_function_of_seed_id_and_day(things):
    first = api_of(things=things)
    again = type(first)(things=things)
    other = api_of(things=things, seed=2)

    targets = [f"/things/{thing}" for thing in range(1, 40)]
    assert [first.answer(t).body for t in targets] == [again.answer(t).body for t in targets]
    assert [first.answer(t).body for t in targets] != [other.answer(t).body for t in targets]
