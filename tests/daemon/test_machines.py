"""Several Scrapyds work on one crawl in PostgreSQL, and one that comes late sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.daemon.running import Daemon, job_id, until
from tests.support.truth import Truth, flaws_of_database, verdict_of
from tvspiders.ledger.health import last_health
from tvspiders.sandbox.running import RunningSandbox

NIGHTLY = ("things", "-a", "query=box", "-a", "pages=2", "-s", "TV_QUOTA=20/1s", "--every", "1d")


def opened(machine: Daemon, job: str) -> bool:
    return machine.jobs()[job]["state"] == "running" and "Spider opened" in machine.log_of(job)


@pytest.mark.long
def test_two_machines_share_a_crawl_and_a_late_one_sends_nothing(
    new_daemon: Callable[..., Daemon], egg: Path, sandbox: RunningSandbox, postgresql_url: str
) -> None:
    machines = [new_daemon(egg, postgresql_url) for _ in range(3)]
    sandbox.hold(after=5)
    first = job_id(machines[0].schedule(*NIGHTLY))
    until(lambda: sandbox.waiting, "a request that is held")
    second = job_id(machines[1].schedule(*NIGHTLY))
    until(lambda: opened(machines[1], second), "the second has joined")
    sandbox.release()
    for machine in machines[:2]:
        machine.ended(first)
    late = machines[2].schedule(*NIGHTLY)

    truth = Truth.of_search(sandbox.oracle, "box", 2)
    assert first == second
    assert verdict_of(postgresql_url) == "complete"
    assert flaws_of_database(postgresql_url, truth) == []
    assert sandbox.counters["requests"] == truth.requests
    health = [last_health(machine.log_of(first)) for machine in machines[:2]]
    assert sum(said["requests"] for said in health if said) == truth.requests
    assert ": nothing to do, done in this period (complete" in late
    assert machines[2].jobs() == {}
