"""The bill of a run: what was sent against what it brought."""

from __future__ import annotations

from dataclasses import replace

from tvspiders.extensions.closing.request_costs_text import Economy, one_line

BILL = Economy(
    sent=1054,
    answered=1054,
    new_things=1020,
    snapshots=1020,
    unchanged=0,
    still_gone=0,
    nodes=None,
    used=1054,
    limited=0,
    refused=0,
    repeated=0,
    lost=0,
)


def test_requests_are_told_for_each_new_thing_and_snapshot():
    assert one_line(BILL) == (
        "Requests: 1,054 sent; new things: 1,020 at 1.03 requests each; "
        "snapshots: 1,020 at 1.03 requests each; wasted: 0"
    )


def test_where_nothing_was_new_nothing_is_divided():
    bill = replace(BILL, sent=34, used=34, new_things=0, snapshots=0, unchanged=1018, still_gone=2)

    assert (bill.per_new_thing, bill.per_snapshot, bill.per_node) == (None, None, None)
    assert one_line(bill) == (
        "Requests: 34 sent; new things: 0; snapshots: 0; unchanged, not asked: 1,018; "
        "still gone, not asked: 2; wasted: 0"
    )


def test_nodes_of_a_remix_tree_are_told_for_the_whole_crawl():
    bill = replace(BILL, sent=20, used=20, answered=300, nodes=200)

    assert bill.per_node == 1.5
    assert "remix nodes: 200 at 1.5 requests each" in one_line(bill)


def test_what_a_run_asked_in_vain_counts_for_its_nodes():
    bill = replace(BILL, sent=300, used=250, answered=247, repeated=3, nodes=200)

    assert bill.per_node == 1.5


def test_every_request_that_brought_nothing_is_wasted_for_one_reason():
    bill = replace(BILL, sent=100, used=80, limited=4, refused=5, repeated=3, lost=2)

    assert bill.wasted_by_reason == {"unanswered": 9, "limited": 4, "refused": 5, "repeated": 3, "lost": 2}
    assert bill.wasted == 23
    assert one_line(bill).endswith("wasted: 23 (9 unanswered, 4 limited, 5 refused, 3 repeated, 2 lost)")
