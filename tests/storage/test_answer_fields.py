"""The inventory of answers' fields is one row for each endpoint, and changes once in each transaction."""

from __future__ import annotations

from tests.support.making import rows
from tvspiders.storage import tables
from tvspiders.storage.catalogue.answer_fields import (
    Drift,
    FieldCounts,
    Notice,
    drift_of,
    inventories,
    mark_reported,
    store_inventories,
)

PLACE = "/things/ID"


def noticed(connection, *notices):
    """Note some changes of an endpoint."""
    known = inventories(connection, {PLACE})
    known[PLACE].noticed = list(notices)
    store_inventories(connection, known)


def vanished(name="like_count", crawl_id=1, **changes):
    return Notice(PLACE, name, "vanished", f"{name} vanished", True, crawl_id, "2026-11-30T12:00", **changes)


def test_an_inventory_is_read_as_it_was_written(connection):
    known = inventories(connection, {PLACE, "/newest"})
    known[PLACE].answers = 7
    known[PLACE].fields["id"] = FieldCounts(2, 5, 4, 1, 3, 4)
    store_inventories(connection, known)

    again = inventories(connection, {"/newest", PLACE})

    assert again == known
    assert rows(connection, tables.answer_fields, "endpoint", "answers") == [("/newest", 0), (PLACE, 7)]


def test_only_the_round_that_saw_a_field_vanish_is_partial_for_it_and_only_once(connection):
    noticed(connection, vanished(), vanished("make_count", crawl_id=2))

    before = drift_of(connection, 1)
    mark_reported(connection, 1)
    after = drift_of(connection, 1)

    assert [notice.field for notice in before.unreported] == ["like_count"]
    assert (before.standing, after.unreported) == ([], [])
    assert [notice.field for notice in after.standing] == ["like_count"]
    assert [notice.field for notice in drift_of(connection, 2).unreported] == ["make_count"]


def test_a_field_that_is_back_and_one_that_no_column_depends_on_are_not_missing():
    known = (vanished(told=True, back=True), Notice(PLACE, "edit_url", "vanished", "gone", False, 1, ""))

    found = Drift(known, 1)

    assert (found.unreported, found.standing) == ([], [])
    assert found.lines == ["like_count vanished", "gone"]


def test_nothing_is_written_where_nothing_was_noticed(connection):
    mark_reported(connection, 1)

    assert rows(connection, tables.answer_fields) == []
