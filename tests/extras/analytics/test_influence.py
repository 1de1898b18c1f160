from __future__ import annotations

import pytest

from tvspiders.storage import tables


def by_id(report):
    return {row["thing_id"]: row for row in report["influence"]["things"]}


def test_observed_remixes_stand_beside_stated_ones(family):
    rows = by_id(family.report("influence"))

    assert (rows[1]["direct"], rows[1]["stated"]) == (3, 5)
    assert (rows[90]["direct"], rows[90]["stated"]) == (1, None)
    assert rows[1]["descendants"] == 6
    assert rows[90]["descendants"] == 7


def test_descendants_have_other_creators_generations_years_and_reach(family):
    row = by_id(family.report("influence", decay=0.5))[1]

    assert row["other_creators"] == 2
    assert row["generations"] == 3
    assert row["years"] == pytest.approx(2.5, abs=0.01)
    assert row["reach"] == pytest.approx(3 * 0.5 + 1 * 0.25 + 1 * 0.125 + 1 * 0.0625, abs=1e-3)


def test_things_can_be_ranked_by_remixes_observed(family):
    found = family.report("influence", order="direct", top=4)["influence"]["things"]

    assert [(row["thing_id"], row["direct"]) for row in found] == [(1, 3), (2, 1), (5, 1), (3, 1)]
    assert [row["descendants"] for row in found] == [6, 3, 2, 3]


def test_the_order_is_the_larger_number_of_remixes_and_then_the_stated_one(family):
    report = family.report("influence", order="direct", min_remixes=2)["influence"]

    assert [(row["thing_id"], row["direct"], row["stated"]) for row in report["things"]] == [
        *((1, 3, 5), (2, 1, 5), (5, 1, 5)),
    ]
    assert "things with 2 remixes or more, stated or observed" in report["tables"]["things"]["notes"]


def test_a_thing_whose_remixes_nobody_has_crawled_is_named_when_a_least_number_is_asked(family):
    family.things(70, remix_count=40)

    named = family.report("influence", order="direct", min_remixes=10)["influence"]["things"]

    assert [(row["thing_id"], row["direct"], row["descendants"]) for row in named] == [(70, 0, 0)]
    assert 70 not in by_id(family.report("influence", order="direct"))


def test_a_least_number_leaves_things_out_of_the_ranking_by_descendants(family):
    assert list(by_id(family.report("influence", min_remixes=2))) == [1, 2, 5]


def test_remixes_of_own_things_can_be_left_out(family):
    report = family.report("influence", self_remixes=False)

    assert by_id(report)[1]["direct"] == 2
    assert "remixes of own things left out" in report["influence"]["title"]


def test_customizer_output_can_be_left_out(family):
    family.rows(tables.thing_tags, {"thing_id": 4, "tag": "customized"})
    family.things(60, name="My Customized Gear").edges((1, 60))

    assert by_id(family.report("influence"))[1]["direct"] == 4
    assert by_id(family.report("influence", customizer=False))[1]["direct"] == 2


def test_creators_have_an_h_index(family):
    rows = {row["creator"]: row for row in family.report("influence")["influence"]["creators"]}

    assert rows["ann"] == {"rank": 1, "creator": "ann", "h_index": 1, "direct": 5, "remixers": 2, "things": 3}


def test_every_table_says_what_it_covers(family):
    report = family.report()

    for section in ("influence", "structure", "trends", "categories", "tags", "creators", "licences"):
        for told in report[section]["tables"].values():
            assert "of 11 reachable things answered" in told["coverage"], told
    assert report["summary"] == (
        "9 of 11 reachable things answered (2 without an answer), 80.0 % of 10 edges confirmed from both ends"
    )
