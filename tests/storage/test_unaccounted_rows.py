"""A doubt about a list is noted with its first date; met unchanged by two later rounds, it is standing."""

import pytest

from tests.support.making import close_crawl, open_crawl, row, store
from tvspiders.items import ListRead
from tvspiders.storage import tables
from tvspiders.storage.catalogue.unaccounted_rows import standing_unaccounted, unaccounted_of

KEY = "category>gears>things"


def doubtful(rows=30, doubt="abc", **changes):
    return ListRead(
        subject="category", subject_id="gears", name="things", doubtful=rows, doubt=doubt, looks=1, **changes
    )


def rounds(connection, *lists):
    """One round of the same crawl for each; returns the last one's number."""
    for second, read in enumerate(lists, 1):
        crawl = open_crawl(connection)
        store(connection, crawl, read, second=second)
        close_crawl(connection, crawl, "partial", True)
    return crawl.id


def test_a_new_doubt_is_counted_and_named(connection):
    number = rounds(connection, doubtful())

    found = unaccounted_of(connection, number)

    assert (found.lists, found.rows, found.standing, found.looks) == (1, 30, 0, 1)
    assert str(found.named[0]) == "things of category gears"
    assert standing_unaccounted(connection) == {}


def test_a_doubt_that_two_later_rounds_meet_unchanged_is_standing(connection):
    number = rounds(connection, doubtful(), doubtful(), doubtful())

    found = unaccounted_of(connection, number)

    assert (found.lists, found.standing, found.standing_rows) == (0, 1, 30)
    assert standing_unaccounted(connection) == {KEY: (30, "abc")}
    since = row(connection, tables.lists, "doubt_since")
    assert found.standing_since == since
    assert since < row(connection, tables.lists, "last_scraped")


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"total": 90, "ended": "total", "complete": True}, "30"),
        ({"total": 90, "ended": "unproven", "complete": True}, "at least 30"),
        ({"total": None, "ended": "last-page", "complete": True}, "at least 30"),
        ({"total": 90, "ended": "window", "complete": False}, "at least 30"),
        ({"stated": 30, "ended": "unreadable", "complete": False}, "30"),
        ({"stated": None, "ended": "unreadable", "complete": False}, "at least 30"),
    ],
)
def test_a_number_that_the_list_cannot_show_is_a_lower_bound(connection, end, said):
    number = rounds(connection, doubtful(**end))

    found = unaccounted_of(connection, number)

    assert (found.named[0].number, found.lower_bounds) == (said, int("least" in said))
    assert found.standing_lower_bounds == 0


def test_another_gap_or_other_pages_begin_anew(connection):
    number = rounds(connection, doubtful(), doubtful(), doubtful(29), doubtful(29, "xyz"))

    found = unaccounted_of(connection, number)

    assert (found.lists, found.standing) == (1, 0)
    assert row(connection, tables.lists, "doubt_since") == row(connection, tables.lists, "last_scraped")


def test_one_round_counts_once_however_often_it_reads_the_list(connection):
    crawl = open_crawl(connection)
    for second in (1, 2, 3, 4):
        store(connection, crawl, doubtful(received=second), second=second)

    assert unaccounted_of(connection, crawl.id).standing == 0


def test_a_list_that_adds_up_again_is_in_doubt_no_more(connection):
    number = rounds(connection, doubtful(), doubtful(0, "", ended="unproven", not_served=3))

    found = unaccounted_of(connection, number)

    assert (found.lists, found.rows, found.unproven, found.not_served) == (0, 0, 1, 3)


def unreadable(stated, rows=None):
    return ListRead(
        subject="user",
        subject_id="Pia",
        name="copies",
        stated=stated,
        ended="unreadable",
        doubtful=stated if rows is None else rows,
        doubt="unreadable" if rows is None else "",
    )


def test_a_list_that_cannot_be_read_is_named_and_standing_after_three_rounds_whatever_it_states(connection):
    number = rounds(connection, unreadable(21), unreadable(22))

    found = unaccounted_of(connection, number)

    assert (found.lists, found.rows, found.unreadable, found.standing) == (1, 22, 1, 0)
    assert [str(doubt) for doubt in found.unreadable_named] == ["copies of user Pia"]
    crawl = open_crawl(connection)
    store(connection, crawl, unreadable(23), second=3)
    again = unaccounted_of(connection, crawl.id)
    assert (again.lists, again.unreadable, again.standing) == (0, 1, 1)


def test_a_list_that_only_a_default_asked_for_is_named_and_not_in_doubt(connection):
    found = unaccounted_of(connection, rounds(connection, unreadable(21, rows=0)))

    assert (found.lists, found.standing, found.unreadable) == (0, 0, 1)
