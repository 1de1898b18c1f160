"""What a report says that it covers."""

from __future__ import annotations

from tests.extras.analytics.book import LONG_AGO, values
from tvspiders.storage import tables


def buried(number, reason):
    return {"subject": "thing", "subject_id": str(number), "reason": reason, "first_seen": LONG_AGO}


def test_each_reachable_thing_is_counted_once(book):
    book.things(1).things(2, 3, 4, detail_scraped=None).edges((1, 5), (1, 6), (1, 7), both=False)
    book.rows(tables.tombstones, buried(3, "gone"), buried(4, "hidden"), buried(5, "gone"))

    report = book.report("structure")

    assert report["summary"].startswith(
        "1 of 7 reachable things answered "
        "(1 known from lists only, 2 gone, 1 hidden, 2 without an answer), 0.0 % of 3 edges"
    )


def test_what_was_read_before_it_vanished_has_answered(book):
    book.things(1).rows(tables.tombstones, buried(1, "gone"))

    report = book.report("structure")

    assert report["summary"].startswith("1 of 1 reachable things answered, ")
    assert values(report["coverage"]["coverage"])["gone"] == 0


def test_as_of_counts_as_answered_what_had_answered_by_then(book):
    book.things(1, detail_scraped="2026-11-20T00:00:00.000+00:00").edges((1, 2))
    book.things(2, detail_scraped="2026-11-20T00:00:00.000+00:00")
    book.snapshots(1, ("2026-11-01", 10), ("2026-11-20", 20))
    book.snapshots(2, ("2026-11-01", 3), column="like_count").snapshots(2, ("2026-11-20", 20))

    report = book.report("structure", as_of="2026-11-09", as_of_given="2026-11-08")

    assert report["summary"].startswith(
        "1 of 2 reachable things answered (1 known from lists only), at least"
    )
    told = {row["key"]: row["measure"] for row in report["coverage"]["coverage"]}
    assert told["confirmed_edges"] == "edges named by both ends (at least)"


def test_what_others_name_is_named_in_tables_and_not_counted_as_stored(book):
    book.things(1, creator="ann", creator_id=11).edges((5, 1), both=False)
    book.rows(tables.things, {"id": 5, "name": "Gear", "creator": "bob", "creator_id": 12})

    report = book.report("influence", "creators")

    assert report["summary"].startswith("1 of 2 reachable things answered (1 without an answer), ")
    assert values(report["coverage"]["coverage"])["stored"] == 1
    (best,) = report["influence"]["things"]
    assert (best["thing_id"], best["name"], best["creator"], best["other_creators"]) == (5, "Gear", "bob", 1)
    assert [row["creator"] for row in report["influence"]["creators"]] == ["bob"]
    assert [row["creator"] for row in report["creators"]["totals"]] == ["ann"]
