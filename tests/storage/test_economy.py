"""What the answers of a crawl brought is counted from the tables, over all of its runs."""

from __future__ import annotations

from tests.support.making import answer, asked, commit, lease, leased, open_crawl, queue, store, unit
from tvspiders.items import Thing
from tvspiders.storage.queries.audit import Yield, yield_of
from tvspiders.storage.units import Unit

START = "2026-11-21T12:00:10.000+00:00"


def test_answers_are_set_against_what_they_brought(connection):
    before = open_crawl(connection, "known before")
    store(connection, before, Thing(id=1, detail=True, download_count=5), second=1)
    crawl = open_crawl(connection, second=10)
    numbers = leased(connection, crawl, 4)
    commit(
        connection,
        crawl,
        unit(numbers[0], Thing(id=1, detail=True, download_count=6), second=11),
        unit(numbers[1], Thing(id=2, detail=True, download_count=1), Thing(id=3, name="row"), second=12),
        unit(numbers[2], state="gone", second=13),
        Unit(numbers[3], "quarantined", answer=answer(14, refused="shape")),
    )

    assert yield_of(connection, crawl.id, START) == Yield(
        answers=4, refused=1, repeated=0, things=3, new_things=2, snapshots=2
    )


def test_an_answer_to_what_was_answered_is_a_repeat(connection):
    crawl = open_crawl(connection)
    for priority, second in ((-2, 1), (-1, 2)):
        queue(connection, crawl, asked(5, priority=priority, nearer=True))
        (held,) = lease(connection, crawl)
        assert held.repeat is (second == 2)
        commit(connection, crawl, unit(held.id, second=second))

    found = yield_of(connection, crawl.id, START)

    assert (found.answers, found.repeated, found.wasted) == (2, 1, 1)


def test_a_request_that_was_refused_before_is_no_repeat(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    commit(connection, crawl, Unit(number, "queued", "shape", 1, answer=answer(1, refused="shape")))

    assert [held.repeat for held in lease(connection, crawl)] == [False]


def test_an_empty_crawl_brought_nothing(connection):
    crawl = open_crawl(connection)

    assert yield_of(connection, crawl.id, START) == Yield(0, 0, 0, 0, 0, 0)
