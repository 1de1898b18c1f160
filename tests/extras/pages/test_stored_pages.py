"""Stored pages come back as they were given."""

from __future__ import annotations

from tvspiders.extras.pages.stored_pages import stored_pages
from tvspiders.items import PageSnapshot
from tvspiders.storage.catalogue.to_rows import Rows, add_rows
from tvspiders.storage.database.upserts import upsert


def taken(thing, at, held=True):
    item = PageSnapshot(thing_id=thing, taken_at=at, outcome="stored" if held else "blocked", license="GPL")
    if held:
        item.hold(f"<p>{thing} {at}".encode(), b"\x89PNG" + bytes([thing]))
    return item


def write(connection, *items):
    rows: Rows = {}
    for item in items:
        add_rows(item, rows)
    for table, found in rows.items():
        upsert(connection, table, found)


def test_pages_come_by_thing_and_time(connection):
    write(connection, taken(2, "b"), taken(1, "c"), taken(2, "a"), taken(1, "a", held=False))

    found = list(stored_pages(connection))

    assert [(facts["thing_id"], facts["taken_at"]) for facts, _, _ in found] == [(1, "c"), (2, "a"), (2, "b")]
    assert found[0][1:] == (b"<p>1 c", b"\x89PNG\x01")
    assert found[0][0]["license"] == "GPL"
    assert "html" not in found[0][0]


def test_things_can_be_chosen(connection):
    write(connection, taken(1, "a"), taken(2, "a"), taken(3, "a"))

    assert [facts["thing_id"] for facts, _, _ in stored_pages(connection, [3, 1])] == [1, 3]


def test_the_same_answer_again_changes_nothing(connection):
    write(connection, taken(1, "a"))
    write(connection, taken(1, "a"))

    assert len(list(stored_pages(connection))) == 1
