"""Lists of remixes: edges seen from either end."""

from tests.support.recordings import load
from tvspiders.api.remixes import ancestors, derivatives
from tvspiders.items import Creator, Edge, Thing


def test_recorded_derivatives_are_edges_seen_from_the_parent():
    found = derivatives(load("things-293620-derivatives-2021"), 293620)

    assert [type(item) for item in found.items] == [Edge, Thing, Creator] * 3
    assert found.items[0] == Edge(parent_id=293620, child_id=2947320, seen_from="parent")
    assert (found.items[1].id, found.items[1].detail) == (2947320, False)
    assert found.keys == [2947320, 1422198, 944736]


def test_ancestors_are_edges_seen_from_the_child():
    rows = load("thing-detail-298614-2021")["ancestors"]

    found = ancestors(rows, 298614)

    assert found.items[0] == Edge(parent_id=293620, child_id=298614, seen_from="child")
    assert found.items[1].id == 293620


def test_a_bare_number_is_an_edge():
    assert derivatives([5, "6"], 2).items == [
        Edge(parent_id=2, child_id=5, seen_from="parent"),
        Edge(parent_id=2, child_id=6, seen_from="parent"),
    ]


def test_a_row_that_names_no_thing_is_refused_alone():
    found = derivatives([{"id": 5}, {"name": "x"}, None], 5)

    assert found.items == [Edge(parent_id=5, child_id=5, seen_from="parent"), Thing(id=5)]
    assert [row.reason for row in found.refused] == ["ancestors", "ancestors"]
