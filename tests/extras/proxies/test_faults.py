"""Exits that fail in every way: the crawl is complete, and nobody else is blamed."""

from __future__ import annotations

import sqlite3
import time

import pytest

from tests.support.crawling import QUERY
from tests.support.truth import Truth, flaws_of_database

ROTATE = "acme-session-{session}"
SHARES = {"dead": 0.05, "silent": 0.05, "page": 0.02, "reset": 0.02}


def attempts(place):
    connection = sqlite3.connect(place.folder / "x.db")
    try:
        return connection.execute("SELECT max(attempts) FROM requests").fetchone()[0]
    finally:
        connection.close()


@pytest.mark.parametrize("pages", [8, pytest.param(17, marks=pytest.mark.long)])
def test_a_crawl_through_bad_sessions_is_complete_and_cheap(sandbox, new_gateway, new_place, pages):
    gateway = new_gateway(shares=SHARES)
    truth = Truth.of_search(sandbox.oracle, QUERY, pages)
    place = new_place(gateway.url(ROTATE))

    run = place.crawl(pages=pages, DOWNLOAD_TIMEOUT=5)

    assert run.wait() == 0, run.line
    assert set(gateway.outcomes()) == {"served", *SHARES}
    assert len(gateway.seen) <= 1.25 * truth.requests
    assert flaws_of_database(place.database, truth) == []
    assert attempts(place) <= 1
    assert "retired" not in run.text
    assert "given_up" not in run.text


@pytest.mark.parametrize(
    "fault",
    [
        "silent",
        *(pytest.param(fault, marks=pytest.mark.long) for fault in ("mute", "reset", "dead", "closed")),
    ],
)
def test_a_blocked_exit_costs_at_most_three_requests(fault, sandbox, new_gateway, new_place):
    gateway = new_gateway(faults={"bob": fault})
    truth = Truth.of_search(sandbox.oracle, QUERY, 3)
    place = new_place(" ".join(gateway.url(user) for user in ("alice", "bob", "carol")))

    run = place.crawl(pages=3, DOWNLOAD_TIMEOUT=3, TV_PROXY_REST=0.2)

    assert run.wait() == 0, run.line
    assert gateway.users()["bob"] <= 3
    assert flaws_of_database(place.database, truth) == []
    assert attempts(place) == 0


def test_a_closed_tunnel_is_noticed_at_once_and_not_after_the_timeout(new_gateway, new_place):
    gateway = new_gateway(shares={"closed": 0.3})
    place = new_place(gateway.url(ROTATE))

    run = place.crawl(pages=1, DOWNLOAD_TIMEOUT=600)

    assert run.wait() == 0, run.line
    assert gateway.outcomes()["closed"] > 0


@pytest.mark.parametrize(
    "fault", ["silent", *(pytest.param(fault, marks=pytest.mark.long) for fault in ("mute", "echo"))]
)
def test_no_connection_stays_open_after_a_failure(fault, new_gateway, new_place):
    gateway = new_gateway(shares={fault: 0.5})
    place = new_place(gateway.url(ROTATE))

    # On a slow machine a good answer takes longer than that, too: it is asked for again and never given up
    run = place.crawl(pages=2, DOWNLOAD_TIMEOUT=1, TV_PROXY_REST=0.5, TV_MAX_ATTEMPTS=100)
    most = 0
    while run.alive:
        most = max(most, min(gateway.open, gateway.open))  # asked twice, it has seen what came before
        time.sleep(0.01)

    assert run.wait() == 0, run.line
    assert gateway.outcomes()[fault] > 24
    assert most <= 24  # 16 in flight, and those whose end the gateway has not seen yet


def test_the_quota_gets_back_what_never_reached_the_api(sandbox, new_gateway, new_place):
    gateway = new_gateway(shares={"dead": 0.5})
    truth = Truth.of_search(sandbox.oracle, QUERY, 1)
    place = new_place(gateway.url(ROTATE))

    run = place.crawl(pages=1, TV_QUOTA=f"{truth.requests}/1h", TV_QUOTA_SPREAD=False, TV_PROXY_REST=0.5)

    assert run.wait() == 0, run.line
    assert gateway.outcomes()["dead"] > 5
