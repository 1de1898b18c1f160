"""What was not answered: counted over tries and rounds, hidden after three, named until somebody gets it."""

import pytest
from sqlalchemy import select

from tests.support.making import answer, asked, at, close_crawl, commit, lease, open_crawl, queue, row, unit
from tvspiders.storage import tables
from tvspiders.storage.queue import crawls, leases
from tvspiders.storage.queue.refusals import HIDDEN_AFTER_ROUNDS, refused_in_earlier_rounds
from tvspiders.storage.queue.unanswered import left_behind, unanswered_in
from tvspiders.storage.units import NewRequest, Unit


def play(connection, results, query="gear", verdict=crawls.PARTIAL, name=None):
    """A round of things, each with a status, ``None`` for no answer; idle, so that it is over."""
    crawl = open_crawl(connection, query, name)
    queue(connection, crawl, *(asked(number) for number in results))
    status_of = {f"/things/{number}": status for number, status in results.items()}
    for leased in lease(connection, crawl):
        status = status_of[leased.path]
        if status == 200:
            commit(connection, crawl, unit(leased.id))
        elif status is None:
            commit(connection, crawl, Unit(leased.id, "parked", "TimeoutError", leased.attempts + 1))
        else:
            refused = answer(status=status, refused=f"status-{status}")
            why = f"status-{status}: said"
            commit(connection, crawl, Unit(leased.id, "parked", why, leased.attempts + 1, answer=refused))
    close_crawl(connection, crawl, verdict, idle=True)
    return crawl


def crawl_row(connection, crawl):
    return connection.execute(select(tables.crawls).where(tables.crawls.c.id == crawl.id)).mappings().one()


def test_a_try_is_an_answer_or_an_attempt_and_not_what_is_given_back(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1))
    (first,) = lease(connection, crawl)
    commit(connection, crawl, Unit(first.id, "queued", None, 0))
    given_back = row(connection, tables.requests, "tries", "tried_at")
    lease(connection, crawl)
    commit(connection, crawl, Unit(first.id, "queued", "timeout", 1))
    without = row(connection, tables.requests, "tries", "tried_at")
    lease(connection, crawl)
    commit(connection, crawl, unit(first.id, attempts=1, second=9))

    assert given_back == (0, None)
    assert without[0] == 1
    assert without[1].endswith("+00:00")
    assert row(connection, tables.requests, "tries", "tried_at") == (2, at(9))


def test_a_round_asks_a_refused_thing_once(connection):
    crawl = play(connection, {1: 403, 2: 401, 3: 500, 4: None})
    queue(connection, crawl, NewRequest("/things/5/likes", "parse_list"))
    (other,) = lease(connection, crawl)
    commit(connection, crawl, Unit(other.id, "parked", "status-403", 1, answer=answer(status=403)))

    leases.retry_failed(connection, crawl.id)

    paths = {leased.path for leased in lease(connection, crawl)}
    assert paths == {"/things/3", "/things/4", "/things/5/likes"}


@pytest.mark.parametrize(
    ("rounds", "found"),
    [
        ([{1: 403, 2: 200}], {"/things/1": 1}),
        ([{1: 403, 2: 200}, {1: 401, 2: 200}], {"/things/1": 2}),
        ([{1: 451, 2: 200}, {1: 451, 2: 200}], {"/things/1": 2}),
        ([{1: 403, 2: 403}, {1: 403, 2: 403}], {}),  # a token that sees no thing
        ([{1: 403, 2: 403}, {1: 403, 2: 200}], {"/things/1": 1}),
        ([{1: 403, 2: 200}, {1: 200, 2: 200}], {}),
        ([{1: 403, 2: 200}, {1: 200, 2: 200}, {1: 403, 2: 200}], {"/things/1": 1}),
        ([{1: 403}, {2: 200}], {}),  # alone in its round
        ([{1: 500, 2: 200}], {}),
    ],
)
def test_refusals_of_one_thing_are_counted_by_rounds(connection, rounds, found):
    for results in rounds:
        play(connection, results)

    assert refused_in_earlier_rounds(connection, open_crawl(connection).id) == found


def test_what_was_hidden_stays_so_and_other_crawls_do_not_count(connection):
    crawl = open_crawl(connection)
    queue(connection, crawl, asked(1))
    (leased,) = lease(connection, crawl)
    commit(connection, crawl, Unit(leased.id, "gone", "said", 1, answer=answer(status=403)))
    close_crawl(connection, crawl, crawls.COMPLETE)
    play(connection, {2: 403, 3: 200}, query="bear")

    assert refused_in_earlier_rounds(connection, open_crawl(connection).id) == {
        "/things/1": HIDDEN_AFTER_ROUNDS
    }


def test_tries_are_summed_over_the_rounds_of_a_crawl(connection):
    play(connection, {1: 500, 2: 200})
    second = play(connection, {1: 500, 2: 200})

    (told,) = unanswered_in(connection, crawl_row(connection, second), "parked")

    assert (told.tries, told.rounds, told.tried_at) == (2, 2, at(1))
    assert told.again == "in the next round, which the same command begins"
    assert told.clears == "an answer of the site"


@pytest.mark.parametrize(
    ("state", "reason", "status", "clears"),
    [
        ("parked", "TimeoutError", None, "a network that holds"),
        ("parked", "status-502", 502, "an answer of the site"),
        ("parked", "status-403: Forbidden", 403, "another token"),
        ("parked", "this version has no callback 'parse_ghost'", None, "a tvspiders that has the callback"),
        ("parked", leases.BEYOND_CAP, None, "the next round, which asks it first"),
        ("quarantined", "row: too long", 200, "a database that takes the row"),
        ("quarantined", "pipeline: ValueError: x", 200, "a pipeline that does not fail"),
        ("quarantined", "wrong-id: 7", 200, "an answer for what was asked"),
        ("quarantined", "status-400: Bad Request", 400, "upgrade"),
        ("quarantined", "shape: a list", 200, "a tvspiders that reads it"),
    ],
)
def test_each_reason_says_what_would_clear_it(connection, state, reason, status, clears):
    crawl = open_crawl(connection)
    queue(connection, crawl, NewRequest("/search/gear", "parse_search"))
    (leased,) = lease(connection, crawl)
    given = answer(status=status, refused="x") if status else None
    commit(connection, crawl, Unit(leased.id, state, reason, 1, answer=given))
    close_crawl(connection, crawl, crawls.PARTIAL)

    (told,) = unanswered_in(connection, crawl_row(connection, crawl), state)

    assert clears in told.clears
    assert told.again == (
        "in the next round, which the same command begins"
        if reason == leases.BEYOND_CAP
        else "when the same command is run again"
    )


def test_what_other_rounds_left_is_named_once(connection):
    play(connection, {1: 500, 2: None, 3: 500}, query="bear")
    play(connection, {4: 500, 5: 500, 6: 500})
    last = play(connection, {1: 200, 4: 200, 5: 500})

    left, named = left_behind(connection, last.id)

    assert [(one.crawl_id, one.parked, one.followed) for one in left] == [(2, 1, True), (1, 2, False)]
    assert [(one.crawl_id, one.path) for one in named] == [
        (2, "/things/6"),
        (1, "/things/2"),
        (1, "/things/3"),
    ]
    assert "not in this round, which a later one followed" in named[0].again
