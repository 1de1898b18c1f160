"""A unit of work is visible whole or not at all, and only while its lease is ours."""

import pytest
from sqlalchemy import Engine

from tests.support.making import (
    OWNER,
    asked,
    commit,
    filled,
    full,
    lease,
    leased,
    open_crawl,
    row,
    rows,
    unit,
)
from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.commit import commit_units
from tvspiders.storage.database.engine import writing
from tvspiders.storage.database.errors import DatabaseError, classify
from tvspiders.storage.queue.leases import reclaim


def test_the_same_answer_again_changes_no_number_of_rows(connection):
    crawl = open_crawl(connection)
    first, second = leased(connection, crawl, 2)
    commit(connection, crawl, unit(first, *full(7), second=1))
    before = filled(connection)

    commit(connection, crawl, unit(second, *full(7), second=2))

    assert filled(connection) == before | {"answers": 2}


def test_a_lost_lease_writes_nothing(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    before = filled(connection)
    reclaim(connection, crawl.id, everything=True)
    lease(connection, crawl, owner="another")

    done = commit(connection, crawl, unit(number, *full(7), requests=[asked(99)]))

    assert done == []
    assert filled(connection) == before
    assert row(connection, tables.requests, "state", "lease_owner") == ("leased", "another")


def test_a_lease_that_was_given_back_writes_nothing(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    reclaim(connection, crawl.id, everything=True)

    assert commit(connection, crawl, unit(number, Thing(id=7))) == []


def test_of_two_units_the_one_still_held_is_written(connection):
    crawl = open_crawl(connection)
    first, second = leased(connection, crawl, 2)
    commit(connection, crawl, unit(first))

    done = commit(connection, crawl, unit(first, Thing(id=7)), unit(second, Thing(id=8)))

    assert [entry.request_id for entry in done] == [second]
    assert rows(connection, tables.things, "id") == [8]


def test_a_row_that_the_database_refuses_takes_the_whole_unit_back(engine: Engine):
    with writing(engine) as connection:
        crawl = open_crawl(connection)
        (number,) = leased(connection, crawl, 1)
        before = filled(connection)
    bad = unit(number, *full(7), Thing(id=2**63), requests=[asked(99)])

    with pytest.raises(Exception) as raised, writing(engine) as connection:  # noqa: PT011
        commit(connection, crawl, bad)

    assert classify(raised.value) is DatabaseError.ROW
    with engine.connect() as connection:
        assert filled(connection) == before
        assert row(connection, tables.requests, "state") == "leased"


def test_new_requests_come_with_their_unit(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)

    commit(connection, crawl, unit(number, requests=[asked(50, depth=3, priority=10), asked(51)]))

    found = rows(connection, tables.requests, "path", "state", "parent_id", "depth", "rank", state="queued")
    assert found == [("/things/50", "queued", number, 3, -10), ("/things/51", "queued", number, 0, 0)]


def test_a_commit_tells_what_each_answer_brought_once(connection):
    crawl = open_crawl(connection)
    first, second, third = leased(connection, crawl, 3)

    committed = commit_units(
        connection,
        crawl.id,
        OWNER,
        [
            unit(first, Thing(id=7, detail=True, download_count=3), Thing(id=8), second=1),
            unit(second, Thing(id=7, detail=True, download_count=4), second=2),
            unit(third, Thing(id=7, detail=True, download_count=4), second=3),
        ],
    )

    assert [(found.new_things, found.snapshots) for found in committed] == [(2, 1), (0, 1), (0, 0)]
