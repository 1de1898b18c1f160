"""The lines about lists at the end of a crawl."""

from __future__ import annotations

from tvspiders.extensions.closing.list_summary import summary_lines
from tvspiders.storage.catalogue.list_ends import Difference, ListEnds


def test_nothing_is_said_where_no_list_was_read() -> None:
    assert summary_lines(ListEnds()) == []


def test_lists_that_agree_are_one_line() -> None:
    assert summary_lines(ListEnds({"total": 1200}, 1200)) == [
        "Lists: 1,200 read, 1,200 of them to the end (1,200 total)"
    ]


def test_what_stayed_out_of_reach_and_what_differs_is_named() -> None:
    found = ListEnds(
        {"total": 1, "window": 7},
        1,
        ("search 'a'", "search 'b'"),
        1,
        (Difference("user", "Pia", "things", 1138, 1124),),
    )

    assert summary_lines(found)[1:] == [
        "Out of reach: 7 hold more than the site serves, among them search 'a'; search 'b'",
        "Stated and listed numbers differ for 1, among them "
        "things of user Pia: 1,138 stated, 1,124 listed (-14)",
    ]
