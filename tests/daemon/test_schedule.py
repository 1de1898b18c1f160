"""Deployed on Scrapyd, scheduled by a person: each job once in its period, and to its end."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.running import Daemon, job_id, until
from tests.support.starting import run
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.ledger.health import last_health
from tvspiders.sandbox.running import RunningSandbox

BOX = ("things", "-a", "query=box", "-a", "pages=2")
FAST = ("-s", "TV_QUOTA=100000/1s")
NIGHTLY = (*BOX, *FAST, "--every", "1d")


def rows(daemon: Daemon, query: str) -> list[Any]:
    connection = sqlite3.connect(daemon.database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def truth(sandbox: RunningSandbox) -> Truth:
    return Truth.of_search(sandbox.oracle, "box", 2)


def test_a_scheduled_job_fills_database_and_feed_and_the_same_schedule_adds_none(
    daemon: Daemon, sandbox: RunningSandbox
) -> None:
    said = daemon.schedule(*NIGHTLY)
    again = daemon.schedule(*NIGHTLY)
    job = job_id(said)
    daemon.ended(job)
    after = daemon.schedule(*NIGHTLY)
    jobs = daemon.scrapy("jobs", "--format", "json")
    table = daemon.scrapy("jobs")

    assert said == f"things query=box pages=2: scheduled as {job}"
    assert again.startswith("things query=box pages=2: nothing to do, ")
    assert again.endswith(f" as {job}")
    assert ": nothing to do, done in this period (complete at " in after
    assert list(daemon.jobs()) == [job]
    feed = daemon.run / "items" / "tvspiders" / "things" / f"{job}.jl"
    assert flaws_of_database(f"sqlite:///{daemon.database}", truth(sandbox)) == []
    assert flaws_of_feeds([feed], truth(sandbox)) == []
    health = last_health(daemon.log_of(job))
    assert health
    assert (health["verdict"], health["exit_code"], health["job"]) == ("complete", 0, job)
    (listed,) = json.loads(jobs.stdout)["jobs"]
    assert (listed["job"], listed["state"], listed["crawl"]["verdict"]) == (job, "finished", "complete")
    assert listed["crawl"]["counts"]["done"] == health["counts"]["done"]
    assert job in table.stdout
    assert "complete" in table.stdout


def held_job(daemon: Daemon, sandbox: RunningSandbox) -> str:
    """A job that is in the middle of its crawl, and stays there until it is ended: nothing answers it."""
    sandbox.hold(after=15)
    job = job_id(daemon.schedule(*NIGHTLY))
    until(lambda: sandbox.waiting, "a request that is held")
    return job


def test_a_cancelled_job_ends_cleanly_and_the_next_schedule_goes_on(
    daemon: Daemon, sandbox: RunningSandbox
) -> None:
    job = held_job(daemon, sandbox)
    said = daemon.ask("cancel.json", project="tvspiders", job=job)
    daemon.ended(job)
    sandbox.release()
    stopped = rows(daemon, "SELECT verdict, runs FROM crawls")
    health = last_health(daemon.log_of(job))
    again = daemon.schedule(*NIGHTLY)
    daemon.ended(job_id(again))
    until(lambda: rows(daemon, "SELECT verdict FROM crawls") == [("complete",)], "the crawl is complete")

    assert said["prevstate"] == "running"
    assert stopped == [("interrupted", 1)]
    assert health
    assert (health["verdict"], health["goes_on"]) == ("interrupted", True)
    assert again.endswith(f"scheduled as {job}, goes on after interrupted")
    assert rows(daemon, "SELECT verdict, runs, round FROM crawls") == [("complete", 2, 1)]
    assert flaws_of_database(f"sqlite:///{daemon.database}", truth(sandbox)) == []
    feed = daemon.run / "items" / "tvspiders" / "things" / f"{job}.jl"
    assert flaws_of_feeds([feed], truth(sandbox)) == []


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(False, id="job killed"),
        pytest.param(True, id="daemon restarted", marks=pytest.mark.long),
    ],
)
def test_after_a_kill_the_next_schedule_goes_on(daemon: Daemon, sandbox: RunningSandbox, whole: bool) -> None:
    job = held_job(daemon, sandbox)
    if whole:
        daemon.stop()
        daemon.start()
    else:
        os.kill(daemon.jobs()[job]["pid"], signal.SIGKILL)
        daemon.ended(job)
    sandbox.release()
    before = [row[0] for row in rows(daemon, "SELECT verdict FROM crawls")]
    died = daemon.scrapy("jobs").stdout
    daemon.schedule(*NIGHTLY)
    until(lambda: rows(daemon, "SELECT verdict FROM crawls") == [("complete",)], "the crawl is complete")

    assert before == ["interrupted" if whole else "running"]
    assert ("died; the next schedule goes on" in died) is not whole
    assert rows(daemon, "SELECT runs, round FROM crawls") == [(2, 1)]
    assert flaws_of_database(f"sqlite:///{daemon.database}", truth(sandbox)) == []


def test_many_schedules_at_once_send_one_job(daemon: Daemon, sandbox: RunningSandbox) -> None:
    command = ["-m", "scrapy", "schedule", *BOX, "--every", "1d", "-s", "TV_QUOTA=20/1s"]
    environment = daemon.desk_environment
    with ThreadPoolExecutor(4) as pool:
        ended = [*pool.map(lambda _: run(command, daemon.desk, environment), range(4))]

    assert [done.returncode for done in ended] == [0] * 4, ended
    assert sum(": scheduled as " in done.stdout for done in ended) == 1
    assert sum(": nothing to do, " in done.stdout for done in ended) == 3
    assert len(daemon.jobs()) == 1


def test_one_line_runs_the_whole_schedule_file(daemon: Daemon, sandbox: RunningSandbox) -> None:
    users = sorted(truth(sandbox).creators)[:2]
    (daemon.desk / "users.txt").write_text("\n".join(users))
    (daemon.desk / "schedule.toml").write_text(
        """
[[crawl]]
spider = "things"
every = "1d"
arguments = { query = "box", pages = 1, details = false }

[[crawl]]
spider = "users"
every = "1w"
arguments = { file = "users.txt", include = ["things"], details = false }
"""
    )

    said = daemon.schedule().splitlines()
    for line in said:
        daemon.ended(job_id(line))
    again = daemon.schedule().splitlines()

    assert [line.partition(":")[0].split()[0] for line in said] == ["things", "users"]
    assert all(": scheduled as " in line for line in said)
    assert all("done in this period (complete" in line for line in again)
    assert rows(daemon, "SELECT spider, verdict FROM crawls ORDER BY spider") == [
        ("things", "complete"),
        ("users", "complete"),
    ]


def test_a_scrapyd_that_is_away_or_locked_is_told(idle_daemon: Daemon) -> None:
    daemon = idle_daemon
    away = daemon.scrapy("schedule", *NIGHTLY, "--patience", "0", SCRAPYD_URL="http://127.0.0.1:1")
    locked = daemon.scrapy("schedule", *NIGHTLY, SCRAPYD_PASSWORD="wrong")
    nobody = daemon.scrapy("jobs", SCRAPYD_PASSWORD="wrong")

    assert (away.returncode, "cannot be reached" in away.stderr) == (1, True)
    assert (locked.returncode, "does not accept" in locked.stderr) == (1, True)
    assert (nobody.returncode, "does not accept" in nobody.stderr) == (1, True)
    assert daemon.jobs() == {}


def test_a_project_that_was_not_deployed_is_told(egg: Path, new_daemon: Callable[[], Daemon]) -> None:
    done = new_daemon().scrapy("schedule", *NIGHTLY)

    assert (done.returncode, done.stdout) == (1, "")
    assert "deploy it first: scrapyd-deploy local" in done.stderr
