"""A deploy while a job runs: the job ends unharmed with its own version, the next one uses the new."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.daemon.running import Daemon, job_id, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.ledger.health import last_health
from tvspiders.sandbox.running import RunningSandbox

LONG = os.environ.get("TV_FAULTS") == "all"
DEPLOYS, QUOTA = (20, "1/4s") if LONG else (1, "6/1s")
BOX = ("things", "-a", "query=box", "-a", "pages=2")


@contextmanager
def held(daemon: Daemon) -> Iterator[None]:
    """Nobody writes to the database: a crawl waits, so it is still there however long a deploy takes."""
    with closing(sqlite3.connect(daemon.database, timeout=60, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_a_running_job_ends_unharmed_and_the_next_uses_the_new_version(
    daemon: Daemon, sandbox: RunningSandbox
) -> None:
    truth = Truth.of_search(sandbox.oracle, "box", 2)
    daemon.deploy("9.0.0")
    first = job_id(daemon.schedule(*BOX, "-s", f"TV_QUOTA={QUOTA}", "--every", "1d"))
    states = []
    for number in range(1, DEPLOYS + 1):
        # Between two deploys the job works.
        asked = sandbox.counters["requests"]
        until(lambda asked=asked: sandbox.counters["requests"] > asked, "a request")
        with held(daemon):
            daemon.deploy(f"9.0.{number}")
            states.append(daemon.jobs()[first]["state"])
    daemon.ended(first)
    second = job_id(daemon.schedule(*BOX, "-a", "crawl=next", "-s", "TV_QUOTA=100000/1s"))
    daemon.ended(second)

    assert states == ["running"] * DEPLOYS
    health = [last_health(daemon.log_of(job)) for job in (first, second)]
    assert [(said["verdict"], said["version"]) for said in health if said] == [
        ("complete", "9.0.0"),
        ("complete", f"9.0.{DEPLOYS}"),
    ]
    feed = daemon.run / "items" / "tvspiders" / "things" / f"{first}.jl"
    assert flaws_of_feeds([feed], truth) == []
    assert flaws_of_database(f"sqlite:///{daemon.database}", truth, rounds=2) == []
    listed = daemon.ask("listversions.json?project=tvspiders")["versions"]
    assert len(listed) == DEPLOYS + 2
    assert listed == sorted(listed, key=int)
