"""SIGTERM and Ctrl-C end a crawl within five seconds, whatever it waits for."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.server import Server
from tests.faults.stopped import finished_trial, stopped_trial
from tests.support.crawling import Place, Run, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox

SOON = 20.0
"""Less than Scrapy waits for an answer (30 s); quota, lock and frozen server last as long as the test."""
INTERRUPTED = 4


def stop(run: Run, number: int = signal.SIGTERM) -> float:
    """Seconds from the signal to the end of the process."""
    began = time.monotonic()
    run.signal(number)
    run.wait()
    return time.monotonic() - began


def whole(place: Place, sandbox: RunningSandbox, pages: int) -> None:
    """The same command again brings everything."""
    again = place.crawl(pages=pages)
    assert again.wait() == 0, again.line
    truth = Truth.of_search(sandbox.oracle, "box", pages)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_answers_that_do_not_come_are_not_waited_for(
    place: Place, sandbox: RunningSandbox, number: int
) -> None:
    sandbox.front.faults.set("stall", 1.0, after=5)
    run = place.crawl(pages=2)
    until(lambda: sandbox.waiting >= 10)

    took = stop(run, number)

    assert took < SOON
    assert run.wait() == INTERRUPTED
    assert "interrupted: stopped by a signal" in run.line
    done = {entry.target for entry in sandbox.journal if entry.status == 200}
    sandbox.front.faults.set("stall", 0.0)
    sandbox.reset()
    whole(place, sandbox, 2)
    assert not done & {entry.target for entry in sandbox.journal}


def test_a_long_wait_for_the_quota_is_left(place: Place, sandbox: RunningSandbox) -> None:
    run = place.crawl(pages=1, TV_QUOTA="6/1h", TV_QUOTA_SPREAD="False")
    until(lambda: sandbox.counters["requests"] >= 6)
    time.sleep(0.3)  # by now it waits; a slow machine stops it earlier

    took = stop(run)

    assert took < SOON
    assert run.wait() == INTERRUPTED
    assert sandbox.counters["requests"] == 6


@pytest.mark.parametrize("milliseconds", range(0, 240, 40))
def test_sigterm_again_as_systemd_sends_it_is_as_good_as_once(
    tmp_path: Path, sandbox: RunningSandbox, milliseconds: int
) -> None:
    trial = stopped_trial(tmp_path, sandbox, (milliseconds / 1000, (milliseconds + 20) / 1000))

    assert trial.flaws == []


@pytest.mark.parametrize("milliseconds", range(0, 300, 50))
def test_sigterm_while_a_crawl_ends_by_itself_changes_nothing_of_its_end(
    tmp_path: Path, sandbox: RunningSandbox, milliseconds: int
) -> None:
    trial = finished_trial(tmp_path, sandbox, (milliseconds / 1000, (milliseconds + 25) / 1000))

    assert trial.flaws == []


def test_after_sigterm_twice_the_same_command_goes_on(place: Place, sandbox: RunningSandbox) -> None:
    sandbox.hold(after=5)
    run = place.crawl(pages=2)
    until(lambda: sandbox.waiting >= 10)
    run.signal(signal.SIGTERM)

    took = stop(run)

    assert took < SOON
    assert run.wait() == INTERRUPTED
    assert "interrupted: stopped by a signal" in run.line
    sandbox.release()
    whole(place, sandbox, 2)


@pytest.mark.long
def test_a_second_ctrl_c_is_safe(place: Place, sandbox: RunningSandbox) -> None:
    sandbox.hold(after=30)
    run = place.crawl(pages=2)
    until(lambda: sandbox.waiting)
    run.signal(signal.SIGINT)
    time.sleep(0.05)

    took = stop(run, signal.SIGINT)

    assert took < SOON
    assert run.wait() != 0
    sandbox.release()
    whole(place, sandbox, 2)


def test_a_locked_database_does_not_hold_it_up(place: Place, sandbox: RunningSandbox) -> None:
    sandbox.hold(after=10)
    run = place.crawl(pages=2)
    until(lambda: sandbox.waiting)
    other = sqlite3.connect(place.folder / "x.db", isolation_level=None, timeout=10)
    other.execute("BEGIN EXCLUSIVE")
    sandbox.release()
    time.sleep(0.5)  # by now it has something to write; a slow machine stops it earlier

    took = stop(run)

    other.execute("ROLLBACK")
    other.close()
    assert took < SOON
    assert run.wait() != 0
    whole(place, sandbox, 2)


def test_a_frozen_server_does_not_hold_it_up(
    new_place: Callable[..., Place], sandbox: RunningSandbox, server: Server, server_url: str
) -> None:
    place = new_place(server_url)
    sandbox.hold(after=10)
    run = place.crawl(pages=2, TV_LEASE_SECONDS=2)
    until(lambda: sandbox.waiting)
    server.freeze()
    sandbox.release()
    try:
        time.sleep(0.5)  # as above
        took = stop(run)
    finally:
        server.thaw()

    assert took < SOON
    assert run.wait() != 0
    whole(place, sandbox, 2)
