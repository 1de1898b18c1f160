"""Each transaction of a worker has a number, so that a database that went back in time is noticed."""

import pytest
from sqlalchemy import select

from tests.support.making import asked, leased, open_crawl, queue, row, rows
from tvspiders.errors import DatabaseChanged
from tvspiders.storage import tables
from tvspiders.storage.queue import leases, workers
from tvspiders.storage.queue.requests import acknowledge, add_requests, skip_numbers
from tvspiders.storage.units import Unit


def test_the_number_of_a_worker_grows_by_one(connection):
    crawl = open_crawl(connection)
    workers.enter(connection, crawl.id, "one")
    workers.enter(connection, crawl.id, "two")

    numbers = [workers.next_number(connection, crawl.id, "one") for _ in range(3)]

    assert numbers == [1, 2, 3]
    assert workers.next_number(connection, crawl.id, "two") == 1


def test_a_worker_without_a_row_is_not_known(connection):
    crawl = open_crawl(connection)
    workers.enter(connection, crawl.id, "one")

    workers.leave(connection, crawl.id, "one")

    assert workers.next_number(connection, crawl.id, "one") is None


@pytest.mark.parametrize(("alone", "left"), [(True, set()), (False, {"now"})])
def test_rows_of_dead_workers_go_when_a_crawl_is_opened(connection, alone, left):
    crawl, other = open_crawl(connection), open_crawl(connection, "bear")
    workers.enter(connection, crawl.id + 100, "elsewhere")
    workers.enter(connection, crawl.id, "now")
    workers.enter(connection, other.id, "other")

    workers.forget_dead(connection, crawl.id, crawl.identity, alone)

    assert set(rows(connection, tables.crawl_workers, "owner")) == left | {"other", "elsewhere"}


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_server_says_who_it_is_and_in_which_timeline(connection):
    said = workers.server_identity(connection)

    number, _, timeline = said.partition("/")
    assert number.isdigit()
    assert timeline == "00000001"
    assert connection.info[workers.IDENTITY] == said


@pytest.mark.parametrize("backend", ["postgresql"])
def test_a_server_that_does_not_say_who_it_is_spoils_no_transaction(connection, monkeypatch):
    monkeypatch.setattr(workers, "_IDENTITY", select(tables.things.c.id.op("@@@")(1)))

    assert workers.server_identity(connection) == ""
    assert rows(connection, tables.things, "id") == []


def test_numbers_that_a_process_has_met_are_not_given_to_other_requests(connection):
    crawl = open_crawl(connection)

    skip_numbers(connection, 40)
    add_requests(connection, crawl.id, [(None, asked(1))])
    skip_numbers(connection, 3)
    add_requests(connection, crawl.id, [(None, asked(2))])

    first, second = rows(connection, tables.requests, "id")
    assert 40 < first < second


def test_the_number_of_a_request_that_is_gone_is_not_given_again(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1))
    gone = row(connection, tables.requests, "id")

    connection.execute(tables.requests.delete())
    queue(connection, crawl, asked(2))

    assert row(connection, tables.requests, "id") > gone


def test_a_request_that_is_not_there_cannot_be_settled(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    with pytest.raises(DatabaseChanged, match="2 rows should have been there"):
        acknowledge(connection, [Unit(number), Unit(number + 1)])

    assert leases.counts(connection, crawl.id)["queued"] == 0
