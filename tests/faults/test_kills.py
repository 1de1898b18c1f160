"""The short form of ``benchmarks/reliability.py``: a handful of kills."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import jobs, syscalls
from tests.faults.jobs import Job
from tests.faults.syscalls import Moment, syscall_trial
from tests.faults.trials import postgresql_trial, sqlite_trial
from tests.support.crawling import QUERY, Place, until
from tests.support.truth import Truth, flaws_of_database
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


@pytest.mark.parametrize(("journal", "seed"), [("delete", 3), pytest.param("wal", 4, marks=pytest.mark.long)])
def test_a_killed_crawl_goes_on_and_loses_nothing(
    tmp_path: Path, sandbox: RunningSandbox, journal: str, seed: int
) -> None:
    trial = sqlite_trial(
        tmp_path, sandbox, seed, kills=2, span=3.0, journal=journal, job=jobs.search(pages=6), asked_first=60
    )

    assert trial.kills == 2
    assert trial.flaws == []


def test_twenty_kills_in_a_row_lose_nothing(
    new_place: Callable[..., Place], sandbox: RunningSandbox, empty_url: str
) -> None:
    place = new_place(empty_url)
    for _ in range(20):
        asked = sandbox.counters["unique"]
        run = place.crawl(pages=12, CONCURRENT_REQUESTS=2, TV_LEASE_SECONDS=1)
        until(lambda asked=asked, run=run: sandbox.counters["unique"] >= asked + 4 or not run.alive)
        assert run.kill(), run.line

    run = place.crawl(pages=12, TV_LEASE_SECONDS=1)

    assert run.wait() == 0, run.line
    assert flaws_of_database(empty_url, Truth.of_search(sandbox.oracle, QUERY, 12)) == []


@pytest.mark.parametrize(
    "job", [jobs.category(pages=2), jobs.user("MakerBot"), jobs.family((2,))], ids=lambda job: job.spider
)
def test_every_spider_goes_on_after_a_kill(tmp_path: Path, job: Job) -> None:
    with running(SandboxConfig(things=1000, latency=5, jitter=10)) as sandbox:
        trial = sqlite_trial(tmp_path, sandbox, seed=6, kills=1, span=2.0, job=job, asked_first=40)

    assert trial.kills == 1
    assert trial.flaws == []


@pytest.mark.parametrize(
    "spider",
    ["things", *(pytest.param(name, marks=pytest.mark.long) for name in ("categories", "users", "remixes"))],
)
def test_killed_workers_are_replaced_by_the_others(
    tmp_path: Path, sandbox: RunningSandbox, postgresql_url: str, spider: str
) -> None:
    trial = postgresql_trial(tmp_path, sandbox, postgresql_url, seed=5, kills=2, span=4.0, spider=spider)

    assert trial.kills
    assert trial.flaws == []


@pytest.mark.parametrize(
    ("moment", "journal"),
    [
        (Moment(True, "pwrite64", 40), "delete"),
        pytest.param(Moment(False, "unlink", 3), "delete", marks=pytest.mark.long),
        pytest.param(Moment(False, "fdatasync", 6), "wal", marks=pytest.mark.long),
    ],
    ids=str,
)
def test_killed_at_a_system_call_it_loses_nothing(
    tmp_path: Path, sandbox: RunningSandbox, moment: Moment, journal: str
) -> None:
    reason = syscalls.why_not()
    if reason:
        pytest.skip(reason)

    trial = syscall_trial(tmp_path, sandbox, moment, journal)

    assert trial.kills == 1
    assert trial.flaws == []
