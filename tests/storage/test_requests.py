"""Requests are queued once, and settled with what they came to."""

import time

import pytest

from tests.support.making import (
    asked,
    at,
    commit,
    lease,
    leased,
    open_crawl,
    queue,
    row,
    rows,
    unit,
)
from tvspiders.steady_clock import steady
from tvspiders.storage import tables
from tvspiders.storage.queue import leases
from tvspiders.storage.units import Unit

LATER = float(round(time.time()) + 1800)
"""A moment that no test reaches."""


def test_a_committed_request_is_done_and_free(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, attempts=2, second=9))

    names = ("state", "status", "answered_at", "attempts", "lease_owner", "lease_until", "reason")
    assert row(connection, tables.requests, *names) == ("done", 200, at(9), 2, None, None, None)


def test_a_request_is_queued_once_in_a_crawl(connection):
    crawl = open_crawl(connection)

    queue(connection, crawl, asked(5), asked(6), asked(5))
    queue(connection, crawl, asked(6), asked(7))

    assert rows(connection, tables.requests, "path") == ["/things/5", "/things/6", "/things/7"]


def test_an_answered_request_is_not_queued_again(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    commit(connection, crawl, unit(number))

    queue(connection, crawl, asked(1))

    assert row(connection, tables.requests, "state") == "done"


def test_another_crawl_may_queue_the_same_request(connection):
    first, second = open_crawl(connection, "gear"), open_crawl(connection, "bear")

    queue(connection, first, asked(5))
    queue(connection, second, asked(5))

    assert rows(connection, tables.requests, "crawl_id", "path") == [
        (first.id, "/things/5"),
        (second.id, "/things/5"),
    ]


def test_a_variant_is_another_request(connection):
    crawl = open_crawl(connection)

    queue(connection, crawl, asked(5), asked(5, variant="again"))

    assert rows(connection, tables.requests, "path") == ["/things/5", "/things/5"]


def test_a_nearer_request_takes_over_while_it_is_queued(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(5, priority=-2, kwargs="far", nearer=True))

    queue(connection, crawl, asked(5, priority=-1, kwargs="near", nearer=True))
    queue(connection, crawl, asked(5, priority=-3, kwargs="farther", nearer=True))

    assert row(connection, tables.requests, "rank", "kwargs", "state") == (1, "near", "queued")


def test_a_nearer_request_is_asked_anew_when_it_was_answered(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(5, priority=-2, nearer=True))
    (held,) = lease(connection, crawl)
    commit(connection, crawl, unit(held.id, priority=held.priority))

    queue(connection, crawl, asked(5, priority=-1, nearer=True))

    assert row(connection, tables.requests, "rank", "state") == (1, "queued")


def test_a_request_that_came_nearer_while_it_was_out_is_asked_anew(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(5, priority=-2, nearer=True))
    (held,) = lease(connection, crawl)
    queue(connection, crawl, asked(5, priority=-1, nearer=True))

    commit(connection, crawl, unit(held.id, priority=held.priority))

    assert row(connection, tables.requests, "rank", "state") == (1, "queued")


def test_a_request_put_back_waits_for_its_moment(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, Unit(number, "queued", "status-502", 2, due=steady() + 1800))

    names = ("state", "reason", "attempts", "available_at", "lease_owner")
    found = row(connection, tables.requests, *names)
    assert found == ("queued", "status-502", 2, pytest.approx(time.time() + 1800, abs=60), None)
    assert lease(connection, crawl) == []


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_delay_counts_by_the_clock_of_the_server(connection, monkeypatch):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 3000)

    commit(connection, crawl, Unit(number, "queued", "status-502", 1, due=steady() + 20))

    assert row(connection, tables.requests, "available_at") == pytest.approx(real + 20, abs=10)


def test_a_request_put_last_is_leased_when_all_others_are_through(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1, priority=20), asked(2), asked(3))
    (first, *_) = lease(connection, crawl, 1)
    commit(connection, crawl, unit(first.id, state="queued", last=True))

    others = lease(connection, crawl)
    nothing = lease(connection, crawl)
    outlook = leases.outlook(connection, crawl.id, "worker")
    commit(connection, crawl, *(unit(request.id) for request in others))
    last = lease(connection, crawl)

    assert [request.path for request in others] == ["/things/2", "/things/3"]
    assert nothing == []
    assert outlook.next_in == pytest.approx(leases.RECHECK_SECONDS, abs=0.1)
    assert [(request.path, request.priority) for request in last] == [("/things/1", 20)]


@pytest.mark.parametrize(("priority", "kwargs"), [(-4, "{}"), (-2, '{"near":1}')])
def test_a_request_put_last_gives_way_to_a_nearer_one_only(connection, priority, kwargs):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1, priority=-3, kwargs="{}", nearer=True))
    (request,) = lease(connection, crawl)
    commit(connection, crawl, unit(request.id, state="queued", last=True))

    queue(connection, crawl, asked(1, priority=priority, kwargs='{"near":1}', nearer=True))
    queue(connection, crawl, asked(2))
    paths = [leased.path for leased in lease(connection, crawl)]

    assert paths == ["/things/2"]
    assert row(connection, tables.requests, "kwargs", path="/things/1") == kwargs
