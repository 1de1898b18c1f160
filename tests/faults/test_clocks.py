"""Clocks that are set and computers that sleep, under real crawls: nothing waits, nothing is charged."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.faults.clock_trials import SHORT, WITHIN, Change, attempts, clock_trial, longest_pause
from tests.faults.clocks import Clocks, ServerClock
from tests.support.crawling import Place, until
from tests.support.truth import Truth, flaws_of_database
from tvspiders.sandbox.running import RunningSandbox

HOUR, TWENTY_MINUTES = 3600.0, 1200.0


@pytest.mark.parametrize(
    "step",
    [
        -TWENTY_MINUTES,
        HOUR,
        pytest.param(-HOUR, marks=pytest.mark.long),
        pytest.param(TWENTY_MINUTES, marks=pytest.mark.long),
    ],
)
def test_a_clock_that_is_set_is_told_and_holds_nothing_up(tmp_path: Path, step: float) -> None:
    outcome = clock_trial(tmp_path, Change(step=step), pages=2, after=30)

    assert outcome.fine, outcome
    way = "back" if step < 0 else "forward"
    assert outcome.text.count(f"the computer's clock was set {way} by ") == 1


def test_what_was_asked_before_a_sleep_is_asked_again_and_not_charged(
    place: Place, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    clocks = Clocks(tmp_path / "clocks")
    clocks.rule(place)
    sandbox.front.faults.set("stall", 1.0, after=3)
    run = place.crawl(pages=1, **SHORT)
    until(lambda: sandbox.waiting >= 5)
    sandbox.front.faults.set("stall", 0.0)

    slept = time.time()
    clocks.sleep(90, run)

    assert run.wait() == 0, run.line
    assert longest_pause(sandbox, slept) < WITHIN
    assert attempts(place.database) == 0
    assert flaws_of_database(place.database, Truth.of_search(sandbox.oracle, "box", 1)) == []
    assert run.text.count("the process stood still for 9") == 1


def test_a_delay_of_before_the_clock_was_set_back_lasts_no_longer(
    place: Place, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    clocks = Clocks(tmp_path / "clocks")
    clocks.rule(place)
    sandbox.front.faults.set("500", 1.0, after=3)
    run = place.crawl(pages=1, TV_MAX_ATTEMPTS=1000, **SHORT)
    until(lambda: sandbox.counters["by_fault"].get("500"))
    until(lambda: attempts(place.database) >= 2)
    run.kill()
    sandbox.front.faults.set("500", 0.0)

    clocks.set(-TWENTY_MINUTES)
    again = place.crawl(pages=1, **SHORT)

    assert again.wait() == 0, again.line
    assert flaws_of_database(place.database, Truth.of_search(sandbox.oracle, "box", 1)) == []


@pytest.mark.parametrize("step", [HOUR, pytest.param(-HOUR, marks=pytest.mark.long)])
def test_the_servers_clock_is_set_under_two_workers(tmp_path: Path, postgresql_url: str, step: float) -> None:
    outcome = clock_trial(tmp_path, Change(server_step=step), postgresql_url, workers=2, pages=3, after=50)

    assert outcome.fine, outcome


def test_a_dead_worker_is_noticed_though_the_servers_clock_was_set_back(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str
) -> None:
    server = ServerClock(postgresql_url)
    place = new_place(postgresql_url)
    # What the first worker gives up waiting for, the second takes.
    waits = {"TV_LEASE_SECONDS": 2, "DOWNLOAD_TIMEOUT": 2, "TV_RETRY_BASE": 0.1, "TV_MAX_ATTEMPTS": 1000}
    sandbox.hold(after=3)
    runs = [place.crawl(pages=2, feed="out0.jsonl", **waits)]
    until(lambda: sandbox.waiting)
    runs.append(place.crawl(pages=2, feed="out1.jsonl", **waits))
    until(lambda: workers(postgresql_url) == 2)
    runs[0].kill()
    server.set(-HOUR)
    sandbox.release()

    assert runs[1].wait() == 0, runs[1].line
    assert flaws_of_database(place.database, Truth.of_search(sandbox.oracle, "box", 2)) == []


def workers(url: str) -> int:
    """How many hold leases."""
    with psycopg.connect(url) as connection, contextlib.suppress(psycopg.errors.UndefinedTable):
        query = "SELECT count(DISTINCT lease_owner) FROM requests"
        return int(connection.execute(query).fetchall()[0][0])
    return 0
