"""Requests that come nearer, in the ledger of each kind of database."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from tvspiders.storage.commit import commit_units
from tvspiders.storage.queue import crawls, leases
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.tables import requests
from tvspiders.storage.units import NewRequest, Unit


@pytest.fixture
def crawl(connection: Connection) -> int:
    return crawls.open_crawl(connection, "remixes", {}, None, "2026-01-01T00:00:00+00:00", {"owner": "me"}).id


def asked(generation: int, nearer: bool = True) -> NewRequest:
    return NewRequest(
        "/things/3", "parse_thing", f'{{"generation":{generation}}}', -2 * generation, nearer=nearer
    )


def row(connection: Connection) -> tuple[str, int, str]:
    found = connection.execute(select(requests.c.state, requests.c.rank, requests.c.kwargs)).one()
    return found.state, found.rank, found.kwargs


def test_a_queued_request_takes_over_the_nearer_way(connection, crawl):
    add_requests(connection, crawl, [(None, asked(2))])
    add_requests(connection, crawl, [(None, asked(1))])
    add_requests(connection, crawl, [(None, asked(3))])

    assert row(connection) == ("queued", 2, '{"generation":1}')


def test_of_one_batch_the_nearest_way_is_kept(connection, crawl):
    add_requests(connection, crawl, [(None, asked(2)), (None, asked(1)), (None, asked(3))])

    assert row(connection) == ("queued", 2, '{"generation":1}')


def test_a_finished_request_is_asked_anew_by_the_nearer_way_only(connection, crawl):
    add_requests(connection, crawl, [(None, asked(2))])
    [leased] = leases.lease(connection, crawl, "me", 5, 60)
    commit_units(connection, crawl, "me", [Unit(leased.id, priority=leased.priority)])

    add_requests(connection, crawl, [(None, asked(2))])
    assert row(connection)[0] == "done"
    add_requests(connection, crawl, [(None, asked(1, nearer=False))])
    assert row(connection)[0] == "done"
    add_requests(connection, crawl, [(None, asked(1))])
    assert row(connection) == ("queued", 2, '{"generation":1}')


def test_a_request_that_comes_nearer_in_flight_is_asked_anew(connection, crawl):
    add_requests(connection, crawl, [(None, asked(2))])
    [leased] = leases.lease(connection, crawl, "me", 5, 60)
    add_requests(connection, crawl, [(None, asked(1))])

    commit_units(connection, crawl, "me", [Unit(leased.id, priority=leased.priority)])

    assert row(connection) == ("queued", 2, '{"generation":1}')


@pytest.mark.parametrize("state", ["gone", "parked", "quarantined"])
def test_other_ends_are_not_asked_anew(connection, crawl, state):
    add_requests(connection, crawl, [(None, asked(2))])
    [leased] = leases.lease(connection, crawl, "me", 5, 60)
    commit_units(connection, crawl, "me", [Unit(leased.id, state, priority=leased.priority)])

    add_requests(connection, crawl, [(None, asked(1))])

    assert row(connection) == (state, 2, '{"generation":1}')
