"""A list is read when every row is met, or counted as in doubt."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.lists.lying_list import SIZE, LyingList, read

PAGES = 40
ROWS = PAGES * SIZE
HINTS = ["total link", "total", "link", ""]


def rows(count=ROWS):
    return list(range(count, 0, -1))


def least(site):
    pages = -(-max(map(len, site.ever)) // SIZE)
    return pages if site.hints else pages + 1


@pytest.mark.parametrize("hints", ["total link", "total", "link"])
@pytest.mark.parametrize("count", [0, 1, 29, 30, 31, 425, ROWS])
def test_an_undisturbed_list_costs_nothing_more(count, hints):
    site = LyingList(rows(count), hints=hints)

    end = read(site)

    assert (end.met, end.looks, end.finding.unaccounted) == (set(rows(count)), 0, 0)
    assert len(site.asked) == max(1, -(-count // SIZE))


@pytest.mark.parametrize("hints", HINTS)
@pytest.mark.parametrize("kind", ["empty", "short", "repeated", "as:5", "as:30", "as:40"])
def test_an_oddity_served_once_loses_nothing(kind, hints):
    site = LyingList(rows(), {17: (kind, True)}, hints=hints)

    end = read(site)

    assert site.lasting <= end.met
    assert (end.finding.unaccounted, end.decision.complete) == (0, True)
    assert len(site.asked) <= 1.3 * least(site)


@pytest.mark.parametrize("hints", HINTS)
@pytest.mark.parametrize("kind", ["empty", "short", "repeated", "as:5", "as:30"])
def test_an_oddity_that_stays_is_in_doubt(kind, hints):
    site = LyingList(rows(), {17: (kind, False)}, hints=hints)

    end = read(site)

    assert len(site.lasting - end.met) <= end.finding.unaccounted
    assert len(site.asked) <= 1.3 * least(site)


@pytest.mark.parametrize("hints", HINTS)
@pytest.mark.parametrize("kind", ["empty", "short", "repeated", "as:5", "as:30"])
def test_the_number_of_rows_in_doubt_is_exact_only_where_the_list_states_its_total(kind, hints):
    end = read(LyingList(rows(), {17: (kind, False)}, hints=hints))

    assert (end.finding.at_least, end.decision.ended == "unproven") == (("total" not in hints),) * 2


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 17, 40])
@pytest.mark.parametrize("kind", ["empty", "repeated", "as:2", "as:40"])
@pytest.mark.parametrize("once", [True, False])
def test_a_list_that_states_only_its_pages_ends_before_none_of_them(page, kind, once):
    site = LyingList(rows(), {page: (kind, once)}, hints="link")

    end = read(site)

    assert site.lasting <= end.met or (end.finding.unaccounted, once) > (0, False)
    assert len(site.lasting - end.met) <= SIZE
    assert len(site.asked) <= 1.3 * least(site)


@pytest.mark.parametrize("hints", ["total link", "total"])
@pytest.mark.parametrize("few", [1, 5, 18])
@pytest.mark.parametrize("seed", range(3))
def test_pages_short_of_hidden_things_explain_each_other(hints, few, seed):
    dice = random.Random(seed)
    hidden = {
        row
        for page in range(0, PAGES, 2)
        for row in dice.sample(rows()[page * SIZE : page * SIZE + SIZE], few)
    }
    site = LyingList(rows(), hidden=frozenset(hidden), hints=hints)

    end = read(site)

    assert (end.met, end.decision.complete, end.finding.unaccounted) == (site.lasting, True, 0)
    assert end.finding.not_served == len(hidden)
    assert len(site.asked) <= 1.05 * least(site)


def test_a_page_far_shorter_than_its_like_is_looked_at_first():
    hidden = frozenset(rows()[page * SIZE] for page in range(0, PAGES, 2))
    site = LyingList(rows(), {18: ("short", True)}, hidden=hidden)

    end = read(site)

    assert (end.met, end.finding.unaccounted) == (site.lasting, 0)


def insert(count):
    return lambda found: [found.insert(0, max(found, default=0) + 1) for _ in range(count)] and None


def vanish(place, count=1):
    def gone(found):
        del found[place : place + count]

    return gone


def rise(place):
    return lambda found: found.insert(0, found.pop(min(place, len(found) - 1)))


def sink(place):
    return lambda found: found.append(found.pop(min(place, len(found) - 1)))


MOVES = st.one_of(
    st.builds(insert, st.integers(1, 3)),
    st.builds(vanish, st.integers(0, 900), st.integers(1, 3)),
    st.builds(rise, st.integers(0, 900)),
    st.builds(sink, st.integers(0, 900)),
)
KINDS = st.sampled_from(["empty", "short", "repeated", "as:3", "as:8", "as:25"])


@pytest.mark.parametrize("hints", ["total link", "total"])
@pytest.mark.parametrize("moves", [vanish(0), vanish(200), insert(1), insert(3), sink(0), rise(1000)])
def test_rows_that_move_once_are_met_or_in_doubt(moves, hints):
    site = LyingList(rows(), moves={20: moves}, hints=hints)

    end = read(site)

    assert len(site.lasting - end.met) <= end.finding.unaccounted
    assert len(site.asked) <= 1.3 * least(site)


@pytest.mark.parametrize("moves", [vanish(0), vanish(200, 5), insert(1), insert(3)])
def test_a_row_that_comes_or_goes_is_no_doubt(moves):
    site = LyingList(rows(), moves={20: moves})

    end = read(site)

    assert site.lasting <= end.met
    assert end.finding.unaccounted == 0


@pytest.mark.parametrize("kind", ["empty", "short", "repeated", "as:5", "as:25"])
@pytest.mark.parametrize("every", [12, 20])
def test_an_oddity_served_once_loses_nothing_while_things_come_in_on_top(kind, every):
    arrivals = {number: insert(1) for number in range(every, 36, every)}
    site = LyingList(rows(), {17: (kind, True)}, arrivals)

    end = read(site)

    assert (site.lasting <= end.met, end.finding.unaccounted) == (True, 0)
    assert len(site.asked) <= 1.3 * least(site)


def test_what_came_in_and_shows_on_a_page_in_the_place_of_another_is_not_taken_for_a_row_of_that_page():
    site = LyingList(rows(121), {2: ("repeated", False)}, {1: insert(1)})

    end = read(site)

    assert end.finding.unaccounted == len(site.lasting - end.met) == 29


@pytest.mark.parametrize("kinds", [("as:5", "short"), ("empty", "empty"), ("repeated", "as:5")])
def test_pages_asked_past_the_last_row_count_against_the_second_looks(kinds):
    sinking = {number: sink(0) for number in range(15, 80, 15)}
    site = LyingList(rows(1111), {17: (kinds[0], True), 25: (kinds[1], True)}, sinking, hints="")

    end = read(site)

    assert len(site.lasting - end.met) <= end.finding.unaccounted
    assert len(site.asked) <= 1.3 * least(site)


@pytest.mark.parametrize("hints", HINTS)
@pytest.mark.parametrize(
    ("odd", "every", "number"), [({17: "as:30", 9: "repeated"}, 5, 2), ({17: "short"}, 8, 3)]
)
def test_pages_that_rows_coming_in_on_top_add_count_against_the_second_reads(odd, every, number, hints):
    arrivals = {request: insert(number) for request in range(every, 90, every)}
    site = LyingList(rows(900), {page: (kind, False) for page, kind in odd.items()}, arrivals, hints=hints)

    read(site)

    assert len(site.asked) <= 1.3 * (-(-len(site.lasting) // SIZE) + (not hints))


def lists(most):
    """Lists with up to so many odd pages, which move once while they are read."""
    return st.builds(
        LyingList,
        st.integers(120, 600).map(rows),
        st.dictionaries(st.integers(1, 20), st.tuples(KINDS, st.booleans()), max_size=most),
        st.dictionaries(st.integers(1, 25), MOVES, max_size=1),
        st.just(frozenset()),
        st.sampled_from(["total link", "total"]),
    )


@given(lists(1))
@settings(max_examples=300, deadline=None)
def test_each_row_is_met_or_counted_when_one_page_is_odd_and_rows_move(site):
    end = read(site)

    # a page that is short for good looks like one with hidden things: its places were not served
    assert (
        len(site.lasting - end.met) <= end.finding.unaccounted + end.finding.not_served
        or end.finding.at_least
    )
    assert len(site.asked) <= max(1.3 * least(site), least(site) + 3)


@given(lists(4))
@settings(max_examples=300, deadline=None)
def test_no_row_is_lost_in_silence_whatever_the_mixture(site):
    end = read(site)

    # a page short for once among pages short for good is among the places not served
    assert site.lasting <= end.met or end.finding.unaccounted or end.finding.not_served
    assert len(site.asked) <= max(1.3 * least(site), least(site) + 3)
