"""Stored things are asked again by the gain that is expected since their last answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tvspiders.policies.refresh import DAY, WINDOW_DAYS, Choice, RefreshPolicy

NOW = 1_800_000_000.0


def ago(days: float) -> float:
    return NOW - days * DAY


@dataclass(frozen=True)
class Stored:
    """A thing: published a year ago, first stored ten days ago, asked yesterday."""

    id: int = 1
    asked: float | None = ago(1)
    first_seen: float | None = ago(10)
    added: float | None = ago(365)
    downloads: int | None = 1000
    since: float | None = ago(10)
    downloads_then: int | None = 1000
    moved: bool = False


def policy(*known: Stored) -> RefreshPolicy:
    found = RefreshPolicy(lambda: NOW)
    found.learn(known)
    return found


def chosen(*known: Stored, limit: int | None = None, **wishes) -> list[int]:
    return [choice.thing_id for choice in policy(*known).choose(known, limit, **wishes)]


def test_what_grew_faster_is_asked_first():
    slow, fast = Stored(1, downloads_then=990), Stored(2, downloads_then=100)

    assert chosen(slow, fast) == [2, 1]
    assert chosen(slow, fast, limit=1) == [2]


def test_of_two_alike_the_one_that_waited_longer_is_asked_first():
    recent = Stored(1, asked=ago(1), since=ago(1), downloads_then=1000)
    waiting = Stored(2, asked=ago(5), since=ago(5), downloads_then=1000)

    assert chosen(recent, waiting) == [2, 1]


def test_a_rate_is_its_own_history_s_when_that_is_long():
    thing = Stored(asked=ago(0), since=ago(80), downloads_then=200)

    assert policy().rate(thing) == pytest.approx(10, rel=0.1)


def test_a_short_history_is_shrunk_towards_that_of_things_of_its_size():
    lucky = Stored(1, asked=ago(0), since=ago(1), downloads_then=900)
    quiet = [Stored(number, asked=ago(0), since=ago(60)) for number in range(2, 40)]

    assert 10 < policy(lucky, *quiet).rate(lucky) < 20
    assert policy(lucky, *quiet).rate(lucky) < policy(lucky).rate(lucky)


def test_without_any_history_the_average_of_a_lifetime_tells():
    old, young = Stored(1, since=ago(1), added=ago(3650)), Stored(2, since=ago(1), added=ago(100))

    assert chosen(old, young) == [2, 1]


def test_a_thing_that_never_gained_gets_its_turn_in_the_end():
    dead = Stored(1, downloads=0, downloads_then=0, asked=ago(85), since=ago(86))
    alive = Stored(2, downloads=1001, asked=ago(0.01), since=ago(10))

    assert chosen(dead, alive) == [1, 2]


def test_a_thing_asked_within_the_window_without_any_change_has_a_rate_of_nearly_nothing():
    still = Stored(asked=ago(0), since=None, downloads_then=None)

    assert policy().rate(still) < 0.2
    assert policy(still)._days[(1000).bit_length()] == pytest.approx(WINDOW_DAYS)


def test_a_thing_never_asked_counts_from_when_it_was_first_heard_of():
    row = Stored(asked=None, downloads=None, since=None, downloads_then=None, first_seen=ago(20))

    assert policy().expected_gain(row) == pytest.approx(20 * policy().rate(row))
    assert policy().expected_gain(replace(row, first_seen=None)) > policy().expected_gain(row)


def test_a_thing_never_asked_is_taken_for_an_average_one():
    row = Stored(1, asked=None, downloads=None, since=None, downloads_then=None)
    busy = [Stored(number, asked=ago(0), since=ago(60), downloads_then=400) for number in range(2, 12)]
    quiet = [Stored(number, asked=ago(0), since=ago(60)) for number in range(12, 22)]

    assert policy(row, *busy, *quiet).rate(row) == pytest.approx(5, rel=0.1)
    assert policy(row).rate(row) < 0.1


def test_a_count_that_fell_is_no_negative_gain():
    assert policy().rate(Stored(downloads=10, downloads_then=1000)) > 0


def test_watched_things_go_first_then_those_that_moved_in_a_list():
    dull = Stored(5, downloads=0, downloads_then=0)
    known = [Stored(1, downloads_then=0), Stored(2, moved=True), replace(dull, asked=ago(3)), dull]

    found = policy(*known).choose(known, 4, watched=[9, 5])

    assert [(choice.thing_id, choice.why) for choice in found] == [
        (9, "watched"),
        (5, "watched"),
        (2, "moved"),
        (1, "gain"),
    ]
    assert found[0] == Choice(9, "watched", 0.0)


def test_watched_things_that_waited_longest_go_before_the_others():
    known = [Stored(1, asked=ago(1)), Stored(2, asked=ago(9)), Stored(3, asked=None)]

    assert chosen(*known, watched=[1, 2, 3], limit=2) == [3, 2]


def test_what_was_asked_a_short_while_ago_is_left_out_unless_it_is_watched():
    known = [Stored(1, asked=ago(2)), Stored(2, asked=ago(8)), Stored(3, asked=ago(2)), Stored(4, asked=None)]

    assert sorted(chosen(*known, watched=[3], older_than=7 * DAY)) == [2, 3, 4]


def test_a_clock_set_back_expects_nothing_rather_than_less():
    assert policy().expected_gain(Stored(asked=NOW + DAY)) == 0
