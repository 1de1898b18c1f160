"""A row of a list calls for a thing's own page only where it says something new."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.making import (
    answer,
    at,
    commit,
    lease,
    leased,
    met,
    open_crawl,
    queue,
    row,
    rows,
    store,
    unit,
)
from tvspiders.items import Thing, Tombstone
from tvspiders.storage import tables
from tvspiders.storage.catalogue.change_detection import has_changed
from tvspiders.storage.commit import commit_units, write_again
from tvspiders.storage.queue import crawls
from tvspiders.storage.units import NewRequest, Spared

COUNTS = {"like_count": 5, "make_count": 1, "collect_count": 7, "comment_count": 0}


def page_of(thing: Thing) -> NewRequest:
    """The request for a thing's page, to be asked if this row is news."""
    return NewRequest(f"/things/{thing.id}", "parse_thing", row=thing)


def listed(connection, crawl, *things: Thing, received: str = at(9)) -> Spared:
    """Commit a page of a list with these rows, each stored or asked; what that spared."""
    queue(connection, crawl, NewRequest(f"/list/{received}", "parse_list"))
    (request,) = lease(connection, crawl, 1)
    page = unit(request.id, *things, requests=[page_of(thing) for thing in things])
    page.answer = answer(received_at=received)
    for item in page.items:
        item.last_scraped = received
    (committed,) = commit_units(connection, crawl.id, "worker", [page])
    return committed.spared


def detail(number: int = 7, **changes: Any) -> Thing:
    return Thing(id=number, detail=True, **({"name": "Gear", "download_count": 90} | COUNTS | changes))


def in_list(number: int = 7, **changes: Any) -> Thing:
    return Thing(id=number, **({"name": "Gear"} | COUNTS | changes))


def asked(connection, crawl) -> list[str]:
    """Pages of things that the crawl owes."""
    found = rows(connection, tables.requests, "path", crawl_id=crawl.id, callback="parse_thing")
    return sorted(found)


def next_round(connection, crawl):
    crawls.close_crawl(connection, crawl.id, crawls.COMPLETE, None, at(5), {}, False)
    return open_crawl(connection)


@pytest.mark.parametrize(
    ("said", "known", "news"),
    [
        ({}, {}, False),
        ({"like_count": 6}, {}, True),
        ({"make_count": 0}, {}, True),
        ({"collect_count": 8}, {}, True),
        ({"comment_count": 1}, {}, True),
        ({"name": "Better gear"}, {}, True),
        ({"modified": "2026-11-20T00:00:00+00:00"}, {"modified": "2026-11-01T00:00:00+00:00"}, True),
        ({"comment_count": None}, {}, False),
        ({}, {"make_count": None}, False),
        ({"name": None}, {}, False),
        (dict.fromkeys(COUNTS), {}, True),
        ({}, dict.fromkeys(COUNTS), True),
        ({}, {"detail_scraped": None}, True),
        ({}, {"changed_in_list_at": at(2)}, True),
        ({}, {"changed_in_list_at": at(0)}, False),
    ],
)
def test_a_row_is_news_where_it_differs_from_what_is_stored_or_cannot_be_compared(said, known, news):
    stored = (
        COUNTS
        | {"name": "Gear", "modified": None, "detail_scraped": at(1), "changed_in_list_at": None}
        | known
    )

    assert has_changed(in_list(**said), stored) is news
    assert has_changed(in_list(**said), None)


def test_an_unchanged_thing_is_not_asked_and_its_row_is_stored(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(), second=1)
    crawl = next_round(connection, crawl)

    spared = listed(connection, crawl, in_list(thumbnail="https://cdn/new.jpg"))

    assert spared == Spared(unchanged=1)
    assert asked(connection, crawl) == []
    stored = row(connection, tables.things, id=7)
    assert (stored["last_scraped"], stored["detail_scraped"]) == (at(9), at(1))
    assert (stored["thumbnail"], stored["download_count"]) == ("https://cdn/new.jpg", 90)
    assert rows(connection, tables.download_snapshots, "recorded_at") == [at(1)]


def test_a_thing_that_several_lists_name_is_unchanged_once(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)
    crawl = next_round(connection, crawl)
    queue(connection, crawl, *(NewRequest(f"/list/{number}", "parse_list") for number in range(2)))
    pages = [
        unit(request.id, in_list(), requests=[page_of(in_list())], second=9)
        for request in lease(connection, crawl)
    ]

    together = [committed.spared for committed in commit_units(connection, crawl.id, "worker", pages)]

    assert together == [Spared(unchanged=1), Spared()]
    assert listed(connection, crawl, in_list(7), in_list(8), received=at(10)) == Spared(unchanged=1)


def test_a_thing_whose_row_moved_is_asked_and_the_row_is_not_stored_beside_its_page(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)
    crawl = next_round(connection, crawl)

    spared = listed(connection, crawl, in_list(7, like_count=6), in_list(8), in_list(9))

    assert spared == Spared(unchanged=1)
    assert asked(connection, crawl) == ["/things/7", "/things/9"]
    assert rows(connection, tables.things, "id", "last_scraped") == [(7, at(1)), (8, at(9))]
    assert rows(connection, tables.download_snapshots, "thing_id") == [7, 8]


def test_a_row_that_moved_and_was_stored_by_another_crawl_is_news_until_the_page_is_asked(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)
    store(connection, crawl, in_list(7, comment_count=3), in_list(8), second=2)
    crawl = next_round(connection, crawl)

    listed(connection, crawl, in_list(7, comment_count=3), in_list(8))
    first = asked(connection, crawl)
    (request,) = lease(connection, crawl, 1)
    commit(connection, crawl, unit(request.id, detail(7, comment_count=3), second=10))
    crawl = next_round(connection, crawl)
    listed(connection, crawl, in_list(7, comment_count=3), received=at(11))

    assert first == ["/things/7"]
    assert asked(connection, crawl) == []


def test_a_thing_that_only_a_row_has_told_of_is_asked(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, in_list(), second=1)

    assert listed(connection, crawl, in_list()) == Spared()
    assert asked(connection, crawl) == ["/things/7"]


def test_a_thing_that_this_round_asks_anyway_counts_neither_as_unchanged_nor_twice(connection):
    crawl = open_crawl(connection)
    listed(connection, crawl, in_list(), received=at(2))
    (request,) = lease(connection, crawl, 1)
    commit(connection, crawl, unit(request.id, detail(), second=3))

    assert listed(connection, crawl, in_list(), received=at(4)) == Spared()
    assert asked(connection, crawl) == ["/things/7"]
    assert row(connection, tables.things, "last_scraped", id=7) == at(3)


def bury(connection, crawl, since: str) -> None:
    """The page of thing 7, which a list has named, says that it does not exist."""
    listed(connection, crawl, in_list(), received=since)
    (request,) = lease(connection, crawl, 1)
    stone = Tombstone(subject="thing", subject_id="7", reason="gone", status=404)
    grave = unit(request.id, stone, state="gone", answer=answer(received_at=since))
    grave.items[0].last_scraped = since
    commit(connection, crawl, grave)


@pytest.mark.parametrize(
    ("buried", "again", "spared"),
    [
        ("2026-11-21T10:00:00+00:00", "2026-11-21T12:00:00+00:00", Spared(still_gone=frozenset({7}))),
        ("2026-11-20T10:00:00+00:00", "2026-11-21T12:00:00+00:00", Spared()),
    ],
)
def test_a_thing_that_is_gone_and_still_listed_is_asked_again_after_a_rest(connection, buried, again, spared):
    crawl = open_crawl(connection)
    bury(connection, crawl, buried)
    crawl = next_round(connection, crawl)

    assert listed(connection, crawl, in_list(), received=again) == spared
    assert bool(asked(connection, crawl)) is (spared == Spared())
    assert rows(connection, tables.things, "id") == []


def test_a_thing_that_was_gone_and_is_listed_again_is_asked_at_once(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(), second=1)
    store(connection, crawl, Tombstone(subject="thing", subject_id="7", reason="gone"), second=2)
    crawl = next_round(connection, crawl)

    assert listed(connection, crawl, in_list(), received=at(9)) == Spared()
    assert asked(connection, crawl) == ["/things/7"]


def test_reading_an_answer_again_stores_no_row_beside_a_page_that_was_asked(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    page = unit(number, in_list(), requests=[page_of(in_list())], second=1)
    commit(connection, crawl, page)
    (request,) = lease(connection, crawl, 1)
    commit(connection, crawl, unit(request.id, detail(), second=2))
    before = rows(connection, tables.crawl_items)

    again = unit(number, met(1, in_list()), requests=[page_of(in_list())], second=1)
    write_again(connection, crawl.id, [(1, again)])

    assert rows(connection, tables.crawl_items) == before
    assert rows(connection, tables.download_snapshots, "recorded_at") == [at(2)]
