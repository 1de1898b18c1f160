"""What is known of a thing that may be asked again: the ends of its history, and whether a list moved."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.support.making import at, open_crawl, store
from tvspiders.items import Thing, Tombstone
from tvspiders.storage.catalogue.row_ages import COUNTS
from tvspiders.storage.queries.refresh import ThingHistory, known_things


def seconds(second: int) -> float:
    return datetime.fromisoformat(at(second)).timestamp()


def detail(downloads: int | None, **fields) -> Thing:
    return Thing(**({"id": 7, "detail": True, "download_count": downloads} | fields))


def known(connection, window: float = 0.0) -> dict[int, ThingHistory]:
    return {thing.id: thing for thing in known_things(connection, window)}


def test_a_history_is_told_by_its_ends(connection):
    crawl = open_crawl(connection)
    for second, downloads in ((1, 10), (2, 12), (3, 15), (4, 15)):
        added = "2026-01-01T00:00:00+00:00"
        store(connection, crawl, detail(downloads, added=added), second=second)

    assert known(connection)[7] == ThingHistory(
        id=7,
        asked=seconds(4),
        first_seen=seconds(1),
        added=datetime.fromisoformat("2026-01-01T00:00:00+00:00").timestamp(),
        downloads=15,
        since=seconds(1),
        downloads_then=10,
        moved=False,
    )


def test_history_before_the_window_does_not_count(connection):
    crawl = open_crawl(connection)
    for second, downloads in ((1, 10), (20, 12), (30, 15)):
        store(connection, crawl, detail(downloads), second=second)

    found = known(connection, seconds(15))[7]
    later = known(connection, seconds(45))[7]

    assert (found.since, found.downloads_then) == (seconds(20), 12)
    assert (later.since, later.downloads_then, later.downloads) == (None, None, 15)


def test_a_row_that_moved_since_the_page_was_asked_is_noticed_until_it_is_asked_again(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(10, like_count=1), second=1)
    store(connection, crawl, Thing(id=7, like_count=1), second=2)
    assert not known(connection)[7].moved

    store(connection, crawl, Thing(id=7, like_count=2), second=3)
    moved = known(connection)[7]
    store(connection, crawl, detail(11, like_count=2), second=4)

    assert (moved.moved, moved.asked, moved.downloads) == (True, seconds(1), 10)
    assert not known(connection)[7].moved


@pytest.mark.parametrize("name", COUNTS)
def test_each_count_of_a_row_is_seen_to_move(connection, name):
    counts = dict.fromkeys(COUNTS, 1)
    crawl = open_crawl(connection)
    store(connection, crawl, detail(10, **counts), second=1)
    store(connection, crawl, Thing(id=7, **counts), second=2)
    before = known(connection)[7].moved

    store(connection, crawl, Thing(id=7, **(counts | {name: 2})), second=3)

    assert (before, known(connection)[7].moved) == (False, True)


def test_a_thing_known_from_rows_only_has_moved_when_a_second_row_says_something_else(connection):
    crawl = open_crawl(connection)
    for second, likes, moved in ((1, 5, False), (2, 5, False), (3, 6, True)):
        store(connection, crawl, Thing(id=7, like_count=likes), second=second)

        assert known(connection)[7].moved is moved


def test_a_thing_that_only_rows_have_told_of_was_never_asked(connection):
    store(connection, open_crawl(connection), Thing(id=7, name="Gear"), second=5)

    found = known(connection)[7]

    assert (found.asked, found.first_seen, found.downloads) == (None, seconds(5), None)


def test_what_is_gone_is_left_out_until_it_is_back(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(10), second=1)
    store(connection, crawl, Tombstone(subject="thing", subject_id="7", reason="gone"), second=2)
    gone = known(connection)
    store(connection, crawl, detail(11), second=3)

    assert gone == {}
    assert set(known(connection)) == {7}
