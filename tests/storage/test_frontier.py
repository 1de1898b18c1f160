"""Leases: by priority and then by age, for a time, one worker each."""

import threading
import time

import pytest
from sqlalchemy import Engine, text, update

from tests.support.making import asked, at, commit, lease, leased, open_crawl, queue, row, rows, unit
from tvspiders.steady_clock import steady
from tvspiders.storage.database.engine import writing
from tvspiders.storage.queue import leases
from tvspiders.storage.tables import requests
from tvspiders.storage.units import Unit

PAST, FUTURE = 1.0, time.time() + 1800


def paths(held) -> list[str]:
    return [request.path for request in held]


def test_requests_are_leased_by_priority_and_then_by_age(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1), asked(2, priority=10), asked(3, priority=-5), asked(4, priority=10))

    held = lease(connection, crawl, limit=3)

    assert paths(held) == ["/things/2", "/things/4", "/things/1"]
    assert paths(lease(connection, crawl)) == ["/things/3"]


def test_a_leased_request_is_complete(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1, priority=10, depth=2, kwargs='{"a":1}', callback="parse_page"))

    (held,) = lease(connection, crawl)

    assert (held.path, held.callback, held.kwargs) == ("/things/1", "parse_page", '{"a":1}')
    assert (held.priority, held.depth, held.attempts) == (10, 2, 0)


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_no_more_is_leased_than_was_asked_for(connection, limit):
    crawl = open_crawl(connection)
    queue(connection, crawl, *(asked(number) for number in range(60)))
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE requests"))

    assert len(lease(connection, crawl, limit)) == limit
    assert leases.counts(connection, crawl.id)["leased"] == limit


@pytest.mark.parametrize("backend", ["postgresql"])
def test_no_more_is_leased_whatever_plan_the_server_prefers(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, *(asked(number) for number in range(60)))
    for method in ("hashagg", "hashjoin", "mergejoin", "sort", "material", "indexscan", "bitmapscan"):
        connection.execute(text(f"SET LOCAL enable_{method} = off"))
        assert len(lease(connection, crawl, 1)) == 1


def test_a_leased_request_is_nobody_elses(connection):
    crawl = open_crawl(connection)
    leased(connection, crawl, 2)

    assert lease(connection, crawl, owner="another") == []


def test_a_crawl_leases_its_own_requests(connection):
    first, second = open_crawl(connection, "gear"), open_crawl(connection, "bear")
    queue(connection, first, asked(1))
    queue(connection, second, asked(2))

    assert paths(lease(connection, second)) == ["/things/2"]


@pytest.mark.parametrize(
    ("moment", "count"), [(None, 1), (PAST, 1), (FUTURE, 0)], ids=["at-once", "past", "future"]
)
def test_a_delayed_request_waits_for_its_moment(connection, moment, count):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1))
    connection.execute(update(requests).values(available_at=moment))

    assert len(lease(connection, crawl)) == count


def test_a_delayed_request_does_not_hold_up_the_next(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1, priority=10), asked(2))
    connection.execute(update(requests).where(requests.c.path == "/things/1").values(available_at=FUTURE))

    assert paths(lease(connection, crawl, limit=1)) == ["/things/2"]


def test_a_heartbeat_prolongs_what_we_hold(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1), asked(2), asked(3))
    lease(connection, crawl, limit=2, seconds=-1)
    lease(connection, crawl, limit=1, seconds=-1, owner="another")

    prolonged = leases.prolong(connection, crawl.id, "worker", 60)

    assert prolonged == 2
    assert leases.reclaim(connection, crawl.id) == 1
    assert leases.counts(connection, crawl.id)["leased"] == 2


@pytest.mark.parametrize(("seconds", "everything", "count"), [(-1, False, 1), (60, False, 0), (60, True, 1)])
def test_only_late_leases_are_reclaimed_unless_we_are_alone(connection, seconds, everything, count):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1))
    lease(connection, crawl, seconds=seconds)

    assert leases.reclaim(connection, crawl.id, everything) == count
    assert len(lease(connection, crawl, owner="another")) == count


def test_what_was_reclaimed_keeps_its_attempts(connection):
    crawl = open_crawl(connection)
    (number,) = leased(connection, crawl, 1)
    commit(connection, crawl, Unit(number, "queued", "status-502", 3))
    lease(connection, crawl)
    leases.reclaim(connection, crawl.id, everything=True)

    (held,) = lease(connection, crawl)

    assert held.attempts == 3


def test_all_that_we_hold_is_given_back(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1), asked(2), asked(3))
    lease(connection, crawl, limit=2)
    lease(connection, crawl, limit=1, owner="another")

    assert leases.release(connection, crawl.id, "worker") == 2

    assert rows(connection, requests, "state", "lease_owner") == [
        ("queued", None),
        ("queued", None),
        ("leased", "another"),
    ]


def test_some_of_what_we_hold_is_given_back(connection):
    crawl = open_crawl(connection)
    first, second = leased(connection, crawl, 2)

    assert leases.release(connection, crawl.id, "worker", [second]) == 1
    assert rows(connection, requests, "id", "state") == [(first, "leased"), (second, "queued")]


def test_failed_requests_are_tried_again_from_the_first_attempt(connection):
    crawl = open_crawl(connection)
    numbers = leased(connection, crawl, 4)
    states = ("parked", "quarantined", "gone", "done")
    commit(connection, crawl, *(Unit(n, state, "why", 5) for n, state in zip(numbers, states, strict=True)))

    assert leases.retry_failed(connection, crawl.id) == 2

    assert rows(connection, requests, "state", "attempts") == [
        ("queued", 0),
        ("queued", 0),
        ("gone", 5),
        ("done", 5),
    ]


def test_the_outlook_names_what_waits_and_what_others_hold(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, *(asked(number) for number in range(5)))
    lease(connection, crawl, limit=1)
    lease(connection, crawl, limit=2, owner="another")
    connection.execute(
        update(requests).where(requests.c.state == "queued").values(available_at=time.time() + 90)
    )

    outlook = leases.outlook(connection, crawl.id, "worker")

    assert (outlook.queued, outlook.held_by_others) == (2, 2)
    assert outlook.next_in == pytest.approx(90, abs=20)


def test_the_outlook_of_a_finished_crawl_is_empty(connection):
    crawl = open_crawl(connection)
    commit(connection, crawl, unit(*leased(connection, crawl, 1)))

    assert leases.outlook(connection, crawl.id, "worker") == leases.Outlook(0, 0, None)


def test_a_request_that_may_be_asked_now_is_due_at_once(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1))

    assert leases.outlook(connection, crawl.id, "worker").next_in == 0.0


def test_the_counts_name_every_state(connection):
    crawl = open_crawl(connection)
    first, _ = leased(connection, crawl, 2)
    commit(connection, crawl, unit(first, second=5))
    queue(connection, crawl, asked(90))

    assert leases.counts(connection, crawl.id) == {
        "queued": 1,
        "leased": 1,
        "done": 1,
        "gone": 0,
        "parked": 0,
        "quarantined": 0,
    }
    assert row(connection, requests, "answered_at", state="done") == at(5)


@pytest.mark.parametrize("backend", ["postgresql"])
def test_workers_that_lease_at_once_share_without_waiting(engine: Engine):
    with writing(engine) as connection:
        crawl = open_crawl(connection)
        queue(connection, crawl, *(asked(number) for number in range(40)))
    held: list[int] = []
    both = threading.Barrier(4)

    def work(owner: str) -> None:
        with writing(engine) as connection:
            mine = lease(connection, crawl, 10, owner)
            both.wait(10)  # nobody commits before everybody has leased
        held.extend(request.id for request in mine)

    workers = [threading.Thread(target=work, args=(f"worker{number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert len(held) == len(set(held)) == 40


def test_a_clock_that_was_set_back_puts_no_request_off_for_long(connection):
    crawl = open_crawl(connection)
    [number] = leased(connection, crawl, 1)
    commit(connection, crawl, Unit(number, "queued", due=steady() + 30))
    connection.execute(update(requests).values(available_at=requests.c.available_at + 1200))

    assert leases.mend_delays(connection, crawl.id) == 1

    assert leases.outlook(connection, crawl.id, "worker").next_in == pytest.approx(30, abs=10)
    assert leases.mend_delays(connection, crawl.id) == 0
