"""What a report says that it covers."""

from __future__ import annotations

from tests.analytics.book import LONG_AGO, values
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
