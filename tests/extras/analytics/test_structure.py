from __future__ import annotations

import pytest

from tests.extras.analytics.book import values


def test_the_shape_is_counted(family):
    shape = values(family.report("structure")["structure"]["shape"])

    assert shape == {
        "nodes": 11, "ghosts": 2, "edges": 10, "self_edges": 1, "isolated": 1, "roots": 2, "leaves": 2,
        "chains": 3, "forks": 1, "remixes": 8, "merges": 2, "merge_share": 25.0, "components": 2,
        "largest_component": 8, "cycles": 1, "longest_lineage": 4,
    }  # fmt: skip


def test_cycles_and_self_edges_are_listed(family):
    structure = family.report("structure")["structure"]

    assert structure["cycles"] == [
        {"kind": "cycle", "things": 2, "ids": [6, 7]},
        {"kind": "self-edge", "things": 1, "ids": [4]},
    ]
    notes = structure["tables"]["cycles"]["notes"]
    assert notes[-1] == "names: 6 Thing 6; 7 Thing 7; 4 Thing 4"
    assert [row["name"] for row in structure["components"]] == ["Thing 1", "Thing 8"]


def test_the_longest_lineage_is_named_from_the_top(family):
    line = family.report("structure")["structure"]["longest_lineage"]

    assert [row["thing_id"] for row in line] == [90, 1, 2, 5, 6]
    assert [row["in_cycle"] for row in line] == [False, False, False, False, True]


def test_components_are_ranked_by_size(family):
    rows = family.report("structure")["structure"]["components"]

    assert [(row["component"], row["things"], row["roots"]) for row in rows] == [(1, 8, 1), (8, 2, 1)]


def test_a_child_older_than_its_parent_is_flagged(family):
    structure = family.report("structure")["structure"]

    assert [(row["parent_id"], row["child_id"]) for row in structure["negative_delays"]] == [(7, 6), (3, 5)]
    assert structure["negative_delays"][0]["days"] == pytest.approx(-547.0)
    assert values(structure["delays"])["negative"] == 2


def test_growth_is_told_by_month_with_its_doubling_time(book):
    for month in range(1, 9):
        start = 2 ** (month - 1)
        book.things(*range(start, 2 * start), added=f"2025-{month:02}-10T00:00:00+00:00")

    structure = book.report("structure")["structure"]

    assert [row["things"] for row in structure["growth"]] == [1, 2, 4, 8, 16, 32, 64, 128]
    assert structure["growth"][-1]["things_total"] == 255
    assert values(structure["doubling"])["doubling_things"] == pytest.approx(0.9, abs=0.1)
