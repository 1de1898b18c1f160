"""What is waited for in a database goes by a time that no change of our clock moves."""

import time

import pytest
from sqlalchemy import select

from tests.support.making import commit, lease, leased, open_crawl
from tvspiders.steady_clock import steady
from tvspiders.storage.database.server_time import shared_moment, shared_time
from tvspiders.storage.units import Unit


def now(connection):
    query = select(shared_time(connection.dialect.name))
    return connection.execute(query, shared_moment(connection)).scalar_one()


def test_it_is_the_time_of_day(connection):
    assert now(connection) == pytest.approx(time.time(), abs=10)


@pytest.mark.parametrize("step", [-3600, 3600])
def test_it_goes_on_when_our_clock_is_set(connection, monkeypatch, step):
    before, real = now(connection), time.time

    monkeypatch.setattr(time, "time", lambda: real() + step)

    assert now(connection) == pytest.approx(before, abs=10)


def test_a_delay_is_over_in_its_time_though_our_clock_was_set_back(connection, monkeypatch):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    commit(connection, crawl, Unit(number, "queued", due=steady() + 0.05))
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 1200)

    end = time.monotonic() + 20
    while not (held := lease(connection, crawl)) and time.monotonic() < end:
        time.sleep(0.02)

    assert [request.id for request in held] == [number]
