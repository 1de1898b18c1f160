from __future__ import annotations

import pytest

from tvspiders.extras.analytics.data.options import moment_after
from tvspiders.storage import tables


def rising(report):
    return {row["thing_id"]: row for row in report["trends"]["rising"]}


def test_a_thing_seen_once_is_new_and_not_rising(book):
    book.things(1, download_count=50_000, first_seen="2026-11-08T00:00:00.000+00:00")
    book.snapshots(1, ("2026-11-08", 50_000))

    trends = book.report("trends")["trends"]

    assert trends["rising"] == []
    assert trends["rising_creators"] == []
    assert [row["thing_id"] for row in trends["new_to_us"]] == [1]


def test_a_thing_long_known_from_lists_is_not_new(book):
    book.things(1).snapshots(1, ("2026-11-08", 50))

    trends = book.report("trends")["trends"]

    assert (trends["rising"], trends["new_to_us"]) == ([], [])


def test_a_gain_is_the_difference_of_two_snapshots_over_their_real_interval(book):
    book.things(1, 2, creator="ann").snapshots(1, ("2026-11-01", 100), ("2026-11-05", 140))
    book.snapshots(2, ("2026-11-01", 500), ("2026-11-08", 520))

    found = book.report("trends")["trends"]["rising"]

    assert [(row["thing_id"], row["gain"], row["per_day"], row["interval_days"]) for row in found] == [
        (1, 40, 10, 4), (2, 20, pytest.approx(20 / 7), 7),
    ]  # fmt: skip


def test_rows_of_lists_without_a_count_are_no_snapshots(book):
    book.things(1).snapshots(1, ("2026-11-01", None), ("2026-11-02", 90), ("2026-11-08", None))

    assert book.report("trends")["trends"]["rising"] == []


def test_the_first_snapshot_is_the_last_at_or_before_the_window(book):
    book.things(1).snapshots(
        1, ("2026-10-31", 10), ("2026-11-01", 30), ("2026-11-04", 50), ("2026-11-08", 90)
    )

    assert rising(book.report("trends"))[1]["gain"] == 60
    assert rising(book.report("trends", days=3))[1]["gain"] == 40


def test_snapshots_too_far_apart_are_told_and_not_ranked(book):
    book.things(1).snapshots(1, ("2026-01-01", 10), ("2026-11-08", 900))

    trends = book.report("trends")["trends"]

    assert trends["rising"] == []
    told = "of 1 the earlier lies over 14 days before its end (try --days)"
    assert told in trends["tables"]["rising"]["coverage"]
    assert rising(book.report("trends", days=365))[1]["gain"] == 890


def test_acceleration_compares_two_intervals(book):
    book.things(1, added="2026-01-01T00:00:00+00:00")
    book.snapshots(1, ("2026-10-25", 100), ("2026-11-01", 170), ("2026-11-08", 380))

    row = rising(book.report("trends"))[1]

    assert (row["per_day"], row["acceleration"]) == (30, 20)
    assert row["growth"] == pytest.approx(100 * 210 / 170)
    assert row["gain_for_age"] == pytest.approx(30 / (380 / 311))


def test_growth_is_not_told_below_the_minimum_base(book):
    book.things(1).snapshots(1, ("2026-11-01", 2), ("2026-11-08", 9))

    assert rising(book.report("trends"))[1]["growth"] is None
    assert rising(book.report("trends", min_base=2))[1]["growth"] == 350
    assert book.report("trends")["trends"]["by_gain_for_age"] == []


def test_counters_that_fall_or_jump_are_flagged(book):
    book.things(1, 2, 3).snapshots(1, ("2026-11-01", 900), ("2026-11-05", 100), ("2026-11-08", 950))
    book.snapshots(2, ("2026-11-01", 100), ("2026-11-08", 1000)).snapshots(
        3, ("2026-11-01", 5), ("2026-11-08", 4)
    )

    trends = book.report("trends")["trends"]

    flagged = [(row["thing_id"], row["flag"], row["change"]) for row in trends["flagged"]]
    assert flagged == [(2, "jumps", 900), (1, "jumps", 850), (1, "falls", -800), (3, "falls", -1)]
    assert [row["thing_id"] for row in trends["rising"]] == [2, 1]
    assert rising({"trends": trends})[1]["flag"] == "falls"


def test_gains_are_summed_by_creator_category_and_tag(book):
    book.things(1, 2, creator="ann").things(3, creator="bob")
    for thing, gain in ((1, 5), (2, 7), (3, 40)):
        book.snapshots(thing, ("2026-11-01", 100), ("2026-11-08", 100 + gain))
    book.rows(tables.thing_tags, {"thing_id": 1, "tag": "box"}, {"thing_id": 3, "tag": "box"})
    book.rows(
        tables.categories,
        {"slug": "art", "name": "Art", "parent_slug": None},
        {"slug": "coins", "name": "Coins", "parent_slug": "art"},
    )
    book.rows(
        tables.thing_categories,
        {"thing_id": 2, "category_slug": "coins"},
        {"thing_id": 2, "category_slug": "art"},
    )

    trends = book.report("trends")["trends"]

    assert [(row["creator"], row["gain"]) for row in trends["rising_creators"]] == [("bob", 40), ("ann", 12)]
    assert [(row["category"], row["gain"]) for row in trends["rising_categories"]] == [
        ("art", 7),
        ("coins", 7),
    ]
    assert [(row["tag"], row["gain"]) for row in trends["rising_tags"]] == [("box", 45)]


@pytest.mark.parametrize("text", ["2026-11-08", "20261108", "2026-W45-7"])
def test_a_date_means_the_whole_of_that_day(text):
    assert moment_after(text) == "2026-11-09"


def test_as_of_tells_what_was_known_then(book):
    book.things(1, first_seen="2026-11-01T00:00:00.000+00:00", download_count=999)
    book.things(2, first_seen="2026-11-20T00:00:00.000+00:00")
    book.snapshots(1, ("2026-11-01", 100), ("2026-11-08", 150), ("2026-11-15", 999))

    report = book.report("trends", "creators", as_of=moment_after("2026-11-08"), as_of_given="2026-11-08")

    assert [(row["thing_id"], row["gain"]) for row in report["trends"]["rising"]] == [(1, 50)]
    assert report["summary"].startswith("1 of 1 reachable things answered")


def test_another_count_can_be_asked_for(book):
    book.things(1).snapshots(1, ("2026-11-01", 4), ("2026-11-08", 9), column="like_count")

    assert rising(book.report("trends", metric="likes"))[1]["gain"] == 5
    assert book.report("trends")["trends"]["rising"] == []
