"""A page that is older than what is stored goes back to the queue, last of all, until a second one agrees."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.support.making import at, lease, met, open_crawl, queue, row, rows, store
from tvspiders.api import things, users
from tvspiders.items import Creator
from tvspiders.ledger.answers.ages import refuse_older
from tvspiders.ledger.answers.extra_requests import within_cap
from tvspiders.policies.age import MAX_ATTEMPTS
from tvspiders.policies.request_budget import MIN_ALLOWED
from tvspiders.storage import tables
from tvspiders.storage.commit import commit_units
from tvspiders.storage.queue import leases
from tvspiders.storage.queue.feeds import answers_after
from tvspiders.storage.queue.request_budget import bill_of
from tvspiders.storage.units import Answer, Committed, NewRequest, Unit

MODIFIED, BEFORE = "2026-11-01T00:00:00+00:00", "2026-10-01T00:00:00+00:00"
FACTS = {"name": "Gear", "modified": MODIFIED, "download_count": 100, "view_count": 500, "like_count": 9}
OLD = {"download_count": 60, "view_count": 300}


def page(request_id: int, second: int, number: int = 7, headers: Any = None, **changes: Any) -> Unit:
    """The answer to a request for a thing's own page."""
    document = {"id": number, "public_url": "https://t/thing"} | FACTS | changes
    found = [met(second, item, request_id) for item in things.thing_detail(document, number)]
    said = Answer(200, at(second), json.dumps(document).encode(), headers or {})
    more = [NewRequest("/files", "parse_list")] if number == 7 else []
    return Unit(request_id, items=found, answer=said, requests=more)


def settle(connection: Any, crawl: Any, *units: Unit) -> list[Committed]:
    """As a transaction of the ledger does it."""
    judged = within_cap(connection, crawl.id, refuse_older(connection, crawl.id, units))
    return commit_units(connection, crawl.id, "worker", judged)


@pytest.fixture
def crawl(connection: Any) -> Any:
    """A round in which things 7 and 8 are stored, and their pages are asked again."""
    crawl = open_crawl(connection)
    for number in (7, 8):
        store(connection, crawl, *page(1, 1, number).items, second=1)
    queue(connection, crawl, *(NewRequest(f"/things/{number}", "parse_thing") for number in (7, 8)))
    return crawl


def take(connection: Any, crawl: Any, limit: int = 1) -> list[Any]:
    """Lease requests, those that wait for their moment too."""
    connection.execute(tables.requests.update().values(available_at=None))
    return lease(connection, crawl, limit)


def stored(connection: Any, number: int = 7) -> Any:
    return row(connection, tables.things, "modified", "download_count", "view_count", id=number)


def test_nothing_of_an_older_page_is_stored_but_the_answer(connection, crawl):
    before = rows(connection, tables.things), rows(connection, tables.download_snapshots)
    (request, _) = take(connection, crawl, 2)

    (committed,) = settle(connection, crawl, page(request.id, 9, **OLD))

    assert committed.fresh == []
    assert (rows(connection, tables.things), rows(connection, tables.download_snapshots)) == before
    assert rows(connection, tables.requests, "path", callback="parse_list") == []
    assert row(connection, tables.requests, "state", "attempts", "reason", "extra", id=request.id) == (
        "queued",
        1,
        "older than what is stored: download_count 60, stored 100; view_count 300, stored 500",
        "age",
    )
    assert rows(connection, tables.answers, "refused", request_id=request.id) == ["age"]


def test_it_is_asked_when_all_others_are_through_and_not_before_its_max_age(connection, crawl):
    first, second = take(connection, crawl, 2)
    settle(connection, crawl, page(first.id, 9, headers={"Cache-Control": "max-age=1800"}, **OLD))

    available = row(connection, tables.requests, "available_at", id=first.id)
    others_in_flight = take(connection, crawl)
    outlook = leases.outlook(connection, crawl.id, "worker")
    settle(connection, crawl, page(second.id, 10, 8))
    (again,) = take(connection, crawl, 9)

    assert available - time.time() == pytest.approx(1800, abs=60)
    assert others_in_flight == []
    assert outlook.next_in == pytest.approx(leases.RECHECK_SECONDS, abs=0.2)
    assert (again.id, again.priority, again.extra) == (first.id, first.priority, "age")


def test_a_fresh_second_answer_is_stored(connection, crawl):
    (request, other) = take(connection, crawl, 2)
    settle(connection, crawl, page(other.id, 8, 8), page(request.id, 9, **OLD))
    take(connection, crawl, 9)

    (committed,) = settle(connection, crawl, page(request.id, 12, download_count=101, view_count=502))

    assert committed.unit.state == "done"
    assert stored(connection) == (MODIFIED, 101, 502)
    assert bill_of(connection, crawl.id).asked == {"age": 1}


def looked_twice(connection: Any, crawl: Any, first: dict[str, Any], second: dict[str, Any]) -> str:
    """State of the request after both looks."""
    (request, other) = take(connection, crawl, 2)
    settle(connection, crawl, page(other.id, 8, 8), page(request.id, 9, **first))
    take(connection, crawl, 9)
    settle(connection, crawl, page(request.id, 12, **second))
    return str(row(connection, tables.requests, "state", id=request.id))


@pytest.mark.parametrize("facts", [{"modified": BEFORE}, OLD])
def test_what_the_site_has_set_back_is_believed_when_a_second_answer_agrees(connection, crawl, facts):
    assert looked_twice(connection, crawl, facts, facts) == "done"
    assert stored(connection) == tuple((FACTS | facts)[name] for name in list(FACTS)[1:4])


def test_a_second_answer_that_tells_something_else_is_none(connection, crawl):
    assert looked_twice(connection, crawl, OLD, {"download_count": 90, "view_count": 450}) == "queued"
    assert stored(connection) == (MODIFIED, 100, 500)


def test_the_same_copy_of_a_cache_is_no_second_answer(connection, crawl):
    (request, other) = take(connection, crawl, 2)
    settle(connection, crawl, page(other.id, 8, 8), page(request.id, 60, modified=BEFORE))
    take(connection, crawl, 9)

    settle(connection, crawl, page(request.id, 90, headers={"Age": "3600"}, modified=BEFORE))

    assert row(connection, tables.requests, "state", id=request.id) == "queued"
    assert stored(connection) == (MODIFIED, 100, 500)


def test_several_things_at_a_time_are_a_site_that_lags(connection, crawl):
    requests = take(connection, crawl, 2)
    for second in (9, 12):
        told = [
            page(request.id, second, number, **OLD) for request, number in zip(requests, (7, 8), strict=True)
        ]
        settle(connection, crawl, *told)
        take(connection, crawl, 9)

    assert rows(connection, tables.requests, "state", extra="age") == ["parked", "parked"]
    assert stored(connection) == (MODIFIED, 100, 500)
    (reason, _) = rows(connection, tables.requests, "reason", extra="age")
    assert reason.endswith(f"believed if it says so a day after {at(9)}; the next run asks again")


def test_a_page_that_stays_older_without_agreeing_is_left_for_the_next_run(connection, crawl):
    (request, other) = take(connection, crawl, 2)
    settle(connection, crawl, page(other.id, 8, 8))
    for look in range(MAX_ATTEMPTS):
        told = page(request.id, 10 + look, download_count=10 + 20 * look)
        told.attempts = look
        settle(connection, crawl, told)
        take(connection, crawl, 9)

    assert row(connection, tables.requests, "state", id=request.id) == "parked"


def test_the_cap_of_extra_requests_holds_for_older_pages_too(connection, crawl):
    numbers = range(100, 100 + MIN_ALLOWED + 2)
    for number in numbers:
        store(connection, crawl, *page(1, 1, number).items, second=1)
    queue(connection, crawl, *(NewRequest(f"/things/{number}", "parse_thing") for number in numbers))
    asked = [request for request in take(connection, crawl, 99) if request.path[8:] not in "78"]
    told = [page(request.id, 9, int(request.path[8:]), **OLD) for request in asked]

    settle(connection, crawl, *told)

    assert rows(connection, tables.requests, "state", extra="age").count("queued") == MIN_ALLOWED
    assert len(rows(connection, tables.requests, "id", reason=leases.BEYOND_CAP)) == 2


def profile(request_id: int, second: int, last_active: str) -> Unit:
    document = {"id": 4, "name": "amber", "last_active": last_active, "make_count": 3}
    found = [met(second, item, request_id) for item in users.user_profile(document, "amber")]
    return Unit(request_id, items=found, answer=Answer(200, at(second), json.dumps(document).encode()))


def test_a_profile_is_older_that_says_the_user_was_active_earlier(connection):
    crawl = open_crawl(connection)
    store(connection, crawl, *profile(1, 1, MODIFIED).items, second=1)
    queue(connection, crawl, NewRequest("/users/amber", "parse_user"))
    (request,) = take(connection, crawl)

    settle(connection, crawl, profile(request.id, 9, BEFORE))
    once = row(connection, tables.requests, "state", id=request.id)
    take(connection, crawl)
    settle(connection, crawl, profile(request.id, 12, BEFORE))

    assert once == "queued"
    assert row(connection, tables.requests, "state", id=request.id) == "done"
    assert row(connection, tables.creators, "last_active") == BEFORE


def test_a_summary_is_no_page(connection, crawl):
    (request, _) = take(connection, crawl, 2)
    unit = Unit(request.id, items=[met(9, Creator(id=4, username="amber"))], answer=Answer(200, at(9), b"{}"))

    assert refuse_older(connection, crawl.id, [unit]) == [unit]


def test_answers_that_were_older_are_not_parsed_again(connection, crawl):
    (request, _) = take(connection, crawl, 2)
    settle(connection, crawl, page(request.id, 9, **OLD))

    told = answers_after(connection, crawl.id, 0, 99, refused_too=True)

    assert request.id not in [answer.request_id for answer in told]
