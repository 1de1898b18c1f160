"""Rows of an index that lags, or of a cache, move nothing back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.making import answer, at, commit, lease, open_crawl, queue, row, rows, store, unit
from tvspiders.items import Creator, Thing
from tvspiders.storage import tables
from tvspiders.storage.catalogue.row_ages import older_rows, without_older
from tvspiders.storage.commit import commit_units, write_again
from tvspiders.storage.units import Committed, NewRequest, Unit

COUNTS = {"like_count": 5, "make_count": 2, "collect_count": 7, "comment_count": 1}
FEWER = {"like_count": 4, "collect_count": 5}


def listed(number: int, **changes: Any) -> Thing:
    return Thing(id=number, **({"name": "Gear", "url": f"https://t/thing:{number}"} | COUNTS | changes))


def detail(number: int, **changes: Any) -> Thing:
    return Thing(id=number, detail=True, **({"name": "Gear", "download_count": 90} | COUNTS | changes))


def known(*numbers: int, second: int = 1) -> dict[int, dict[str, Any]]:
    stored = {"name": "Gear", "modified": None, "last_scraped": at(second), "changed_in_list_at": None}
    return dict.fromkeys(numbers, stored | COUNTS)


def page(*items: Any, second: int = 9, age: int = 0) -> Unit:
    made = unit(1, *items, second=second)
    made.answer = answer(second, headers={"Age": str(age)} if age else {})
    return made


@pytest.mark.parametrize(
    ("rows_told", "old"),
    [
        ([{}, {}, {}], set()),
        ([FEWER, {}, {}], {1}),
        ([FEWER, FEWER, {}], {1, 2}),
        # more fell than rose: what was renamed since then is old as well
        ([FEWER, FEWER, {"name": "Gadget"}], {1, 2, 3}),
        # a like was taken back, and the others rose
        ([FEWER, {"like_count": 6}, {}], set()),
        ([FEWER, FEWER, {"like_count": 6}], {1, 2, 3}),
        ([{"like_count": 4, "make_count": 3}, {}, {}], set()),
        ([{"name": "Gadget"}, {}, {}], set()),
        ([dict.fromkeys(COUNTS), {}, {}], set()),
    ],
)
def test_an_answer_in_which_more_fell_than_rose_is_older(rows_told, old):
    told = [listed(number, **changes) for number, changes in enumerate(rows_told, 1)]

    assert older_rows(page(*told), known(1, 2, 3)) == old


@pytest.mark.parametrize(
    ("told", "old"),
    [
        ({"download_count": 89}, {1}),
        ({"view_count": 299}, {1}),
        ({"download_count": 89, "view_count": 301}, set()),
        ({"download_count": 89, "like_count": 6}, {1}),
        ({"download_count": 91}, set()),
        ({"download_count": None}, set()),
    ],
)
def test_a_row_that_shows_fewer_downloads_or_views_is_older(told, old):
    stored = {1: known(1)[1] | {"download_count": 90, "view_count": 300}}

    assert older_rows(page(listed(1, **told)), stored) == old


def test_a_thing_that_is_not_stored_is_no_matter():
    assert older_rows(page(listed(1, **FEWER), listed(9, like_count=0)), known(1)) == {1}


def test_an_answer_that_came_before_the_stored_one_is_left_to_the_order_of_receipt():
    assert older_rows(page(listed(1, **FEWER), second=9), known(1, second=20)) == frozenset()


def test_a_copy_says_itself_that_it_is_older():
    told = [listed(1, **FEWER), listed(2, like_count=6), listed(3, like_count=7)]

    assert older_rows(page(*told, second=60, age=50), known(1, 2, 3, second=20)) == {1, 2, 3}
    assert older_rows(page(*told, second=60, age=5), known(1, 2, 3, second=20)) == frozenset()


def test_of_an_older_row_only_that_the_list_names_the_thing_is_left():
    summary = Creator(id=4, username="amber", name="Amber", follower_count=3)
    before = page(listed(1, **FEWER), listed(2), summary)

    first, second, creator = without_older(before, frozenset({1})).items

    assert first == Thing(id=1, url="https://t/thing:1", last_scraped=at(9))
    assert first.source == before.items[0].source
    assert second == before.items[1]
    assert creator == Creator(id=4, username="amber", last_scraped=at(9))


def list_of(connection: Any, crawl: Any, *items: Any, second: int = 9) -> Committed:
    queue(connection, crawl, NewRequest(f"/list/{second}", "parse_list"))
    (request,) = lease(connection, crawl, 1)
    (committed,) = commit_units(connection, crawl.id, "worker", [unit(request.id, *items, second=second)])
    return committed


def test_a_lagging_index_moves_no_column_back_and_makes_no_snapshot(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)
    before = rows(connection, tables.things)

    committed = list_of(connection, crawl, listed(7, **FEWER, name="Old gear"), listed(8, **FEWER))

    assert committed.spared.older == 2
    assert committed.snapshots == 0
    assert [thing.like_count for thing in committed.fresh] == [None, None]
    after = rows(connection, tables.things)
    assert [dict(new, last_scraped=None, url=None) for new in after] == [
        dict(old, last_scraped=None, url=None) for old in before
    ]
    assert len(rows(connection, tables.download_snapshots)) == 2


def test_likes_that_were_taken_back_are_believed_from_rows_of_a_living_list(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)

    committed = list_of(connection, crawl, listed(7, like_count=4), listed(8, like_count=6))

    assert committed.snapshots == 2
    assert rows(connection, tables.things, "like_count", "changed_in_list_at") == [(4, at(9)), (6, at(9))]


def asked_if_news(connection: Any, crawl: Any, *things: Thing) -> list[str]:
    queue(connection, crawl, NewRequest("/list", "parse_list"))
    (request,) = lease(connection, crawl, 1)
    pages = [NewRequest(f"/things/{thing.id}", "parse_thing", row=thing) for thing in things]
    commit(connection, crawl, unit(request.id, *things, requests=pages, second=9))
    return sorted(rows(connection, tables.requests, "path", callback="parse_thing"))


def test_rows_of_a_lagging_index_are_no_news_that_a_page_is_asked_for(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)

    asked = asked_if_news(connection, crawl, listed(7, **FEWER), listed(8, **FEWER), listed(9))

    assert asked == ["/things/9"]


def test_the_page_of_a_thing_that_alone_lost_a_like_is_asked(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)

    assert asked_if_news(connection, crawl, listed(7, like_count=4), listed(8)) == ["/things/7"]


def test_rows_that_lag_are_held_back_as_well_when_answers_are_parsed_again(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, detail(7), detail(8), second=1)
    list_of(connection, crawl, listed(7, **FEWER), listed(8, **FEWER))
    again = unit(2, listed(7, **FEWER), listed(8, **FEWER), second=9)

    write_again(connection, crawl.id, [(2, again)])

    assert rows(connection, tables.things, "like_count", "collect_count") == [(5, 7), (5, 7)]
    assert row(connection, tables.things, "changed_in_list_at", id=7) is None
