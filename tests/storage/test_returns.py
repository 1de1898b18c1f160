"""Tombstones of what is answered again."""

from __future__ import annotations

import pytest

from storage.making import at, open_crawl, row, store
from tvspiders.items import Collection, Creator, Item, ListRead, Tombstone
from tvspiders.storage import tables

RETURNS: list[tuple[str, str, Item]] = [
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

    assert row(connection, tables.tombstones, "back_at") == at(2)
    store(connection, crawl, Tombstone(subject=subject, subject_id=name, reason="gone"), second=3)
    assert row(connection, tables.tombstones, "back_at") is None


@pytest.mark.parametrize(
    "item", [Creator(id=5, username="MakerBot"), Creator(id=6, username="Pia", profile=True)]
)
def test_a_summary_and_another_user_prove_nothing(connection, item):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject="user", subject_id="MakerBot", reason="gone"), second=1)

    store(connection, crawl, item, second=2)

    assert row(connection, tables.tombstones, "back_at") is None


def test_an_older_answer_that_is_read_again_proves_nothing(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, Tombstone(subject="collection", subject_id="7", reason="gone"), second=2)

    store(connection, crawl, Collection(id=7), second=1)

    assert row(connection, tables.tombstones, "back_at") is None
