"""Tombstones of what is answered again."""

from __future__ import annotations

import pytest

from tests.support.making import at, commit, leased, open_crawl, row, rows, store, unit
from tvspiders.items import Collection, Creator, Item, ListRead, Thing, Tombstone
from tvspiders.storage import tables

RETURNS: list[tuple[str, str, Item]] = [
    ("thing", "7", Thing(id=7, detail=True)),
    ("user", "makerbot", Creator(id=5, username="MakerBot", profile=True)),
    ("collection", "7", Collection(id=7)),
    ("category", "art", ListRead(subject="category", subject_id="art", name="things")),
    ("tag", "gear", ListRead(subject="tag", subject_id="gear", name="search")),
    ("list", "thing/5/copies", ListRead(subject="thing", subject_id="5", name="copies")),
]


@pytest.mark.parametrize(("subject", "name", "item"), RETURNS, ids=[subject for subject, _, _ in RETURNS])
def test_a_tombstone_says_since_when_its_subject_is_back(connection, subject, name, item):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject=subject, subject_id=name, reason="gone"), second=1)

    store(connection, crawl, item, second=2)

    assert row(connection, tables.tombstones, "reappeared_at") == at(2)
    store(connection, crawl, Tombstone(subject=subject, subject_id=name, reason="gone"), second=3)
    assert row(connection, tables.tombstones, "reappeared_at") is None


def test_a_row_of_a_list_does_not_prove_that_a_thing_is_there(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject="thing", subject_id="7", reason="gone"), second=1)

    store(connection, crawl, Thing(id=7), second=2)

    assert row(connection, tables.tombstones, "reappeared_at") is None


def test_only_the_thing_of_that_number_rises(connection):
    crawl = open_crawl(connection)
    stones = [
        Tombstone(subject="thing", subject_id="77", reason="gone"),
        Tombstone(subject="user", subject_id="7", reason="gone"),
    ]
    store(connection, crawl, *stones, second=1)

    store(connection, crawl, Thing(id=7, detail=True), second=3)

    assert rows(connection, tables.tombstones, "reappeared_at") == [None, None]


def test_a_user_who_was_buried_under_two_spellings_rises_from_both(connection):
    crawl = open_crawl(connection)
    stones = [Tombstone(subject="user", subject_id=name, reason="gone") for name in ("PIA", "pia")]
    store(connection, crawl, *stones, second=1)

    store(connection, crawl, Creator(id=6, username="Pia", profile=True), second=2)

    assert rows(connection, tables.tombstones, "reappeared_at") == [at(2), at(2)]


def test_the_first_of_several_answers_after_the_end_counts(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject="thing", subject_id="7", reason="gone"), second=2)
    numbers = leased(connection, crawl, 3)

    answers = [
        unit(number, Thing(id=7, detail=True), second=second)
        for number, second in zip(numbers, (1, 3, 4), strict=True)
    ]
    commit(connection, crawl, *answers)

    assert row(connection, tables.tombstones, "reappeared_at") == at(3)


@pytest.mark.parametrize(
    "item", [Creator(id=5, username="MakerBot"), Creator(id=6, username="Pia", profile=True)]
)
def test_a_summary_and_another_user_prove_nothing(connection, item):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject="user", subject_id="MakerBot", reason="gone"), second=1)

    store(connection, crawl, item, second=2)

    assert row(connection, tables.tombstones, "reappeared_at") is None


@pytest.mark.parametrize(
    ("subject", "item"), [("collection", Collection(id=7)), ("thing", Thing(id=7, detail=True))]
)
def test_an_older_answer_that_is_read_again_proves_nothing(connection, subject, item):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject=subject, subject_id="7", reason="gone"), second=2)

    store(connection, crawl, item, second=1)

    assert row(connection, tables.tombstones, "reappeared_at") is None


def test_what_is_gone_again_after_its_return_is_gone(connection):
    crawl = open_crawl(connection)
    stone = {"subject": "thing", "subject_id": "7", "reason": "gone"}
    store(connection, crawl, Tombstone(**stone), second=1)
    store(connection, crawl, Thing(id=7, name="Gear", detail=True), second=2)
    assert row(connection, tables.tombstones, "reappeared_at") == at(2)

    store(connection, crawl, Tombstone(**stone), second=3)

    assert row(connection, tables.tombstones, "reappeared_at", "first_seen", "last_scraped") == (
        None,
        at(1),
        at(3),
    )
    assert row(connection, tables.things, "name") == "Gear"


def test_a_list_that_cannot_be_read_is_not_back(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject="list", subject_id="thing/5/copies", reason="gone"), second=1)

    store(
        connection,
        crawl,
        ListRead(subject="thing", subject_id="5", name="copies", ended="unreadable"),
        second=2,
    )

    assert row(connection, tables.tombstones, "reappeared_at") is None
