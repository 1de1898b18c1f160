"""A deploy while a job runs: the job ends unharmed with its own version, the next one uses the new."""

from __future__ import annotations

import pytest

from tests.daemon.running import PATIENCE, Daemon, job_id, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders import __version__
from tvspiders.ledger.health import last_health
from tvspiders.sandbox.running import RunningSandbox

BOX = ("things", "-a", "query=box", "-a", "pages=2")
FAST = ("-s", "TV_QUOTA=100000/1s")


@pytest.mark.parametrize("deploys", [1, pytest.param(20, marks=pytest.mark.long)])
def test_a_running_job_ends_unharmed_and_the_next_uses_the_new_version(
    daemon: Daemon, sandbox: RunningSandbox, deploys: int
) -> None:
    truth = Truth.of_search(sandbox.oracle, "box", 2)
    sandbox.hold(after=1)
    first = job_id(daemon.schedule(*BOX, *FAST, "-s", f"DOWNLOAD_TIMEOUT={PATIENCE}", "--every", "1d"))
    states = []
    for number in range(1, deploys + 1):
        # Between two deploys the job works, and while one lasts it is there.
        sandbox.hold(after=number)
        until(lambda number=number: sandbox.counters["requests"] > number, "a request that is held")
        daemon.deploy(f"9.0.{number}")
        states.append(daemon.jobs()[first]["state"])
    sandbox.release()
    daemon.ended(first)
    second = job_id(daemon.schedule(*BOX, *FAST, "-a", "crawl=next"))
    daemon.ended(second)

    assert states == ["running"] * deploys
    health = [last_health(daemon.log_of(job)) for job in (first, second)]
    assert [(said["verdict"], said["version"]) for said in health if said] == [
        ("complete", __version__),
        ("complete", f"9.0.{deploys}"),
    ]
    feed = daemon.run / "items" / "tvspiders" / "things" / f"{first}.jl"
    assert flaws_of_feeds([feed], truth) == []
    assert flaws_of_database(f"sqlite:///{daemon.database}", truth, rounds=2) == []
    listed = daemon.ask("listversions.json?project=tvspiders")["versions"]
    assert len(listed) == deploys + 1
    assert listed == sorted(listed, key=int)
