"""A database that goes back in time, or is another one, under a running crawl: all is there, or told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.failing_over import failover_trial
from tests.faults.going_back import sqlite_trial
from tests.faults.server import Server
from tvspiders.sandbox.running import RunningSandbox


@pytest.mark.parametrize(
    ("kind", "journal"),
    [
        ("older", "delete"),
        ("older", "wal"),
        ("newer", "delete"),
        pytest.param("by_sqlite", "delete", marks=pytest.mark.long),
        pytest.param("removed_first", "wal", marks=pytest.mark.long),
        pytest.param("folder_replaced", "delete", marks=pytest.mark.long),
    ],
)
def test_a_crawl_goes_on_from_what_was_restored_under_it(
    tmp_path: Path, sandbox: RunningSandbox, kind: str, journal: str
) -> None:
    trial = sqlite_trial(tmp_path / "crawl", sandbox, 1, kind, journal)

    assert (trial.flaws, trial.landed) == ([], ["exit 0"])


@pytest.mark.parametrize(
    "kind",
    [
        "deleted",
        "of_another_crawl",
        *(
            pytest.param(kind, marks=pytest.mark.long)
            for kind in ("emptied", "foreign", "no_database", "folder_gone")
        ),
    ],
)
def test_a_crawl_without_its_database_ends_and_says_why(
    tmp_path: Path, sandbox: RunningSandbox, kind: str
) -> None:
    trial = sqlite_trial(tmp_path / "crawl", sandbox, 1, kind, "delete", mend=False)

    assert (trial.flaws, trial.landed) == ([], ["exit 1"])


@pytest.mark.parametrize(
    ("kind", "workers"),
    [
        ("standby", 1),
        pytest.param("snapshot", 1, marks=pytest.mark.long),
        pytest.param("standby", 3, marks=pytest.mark.long),
    ],
)
def test_a_failover_that_lost_the_last_transactions_loses_nothing(
    tmp_path: Path, sandbox: RunningSandbox, own_server: Server, kind: str, workers: int
) -> None:
    trial = failover_trial(tmp_path / "crawl", sandbox, own_server, 1, kind, workers)

    assert trial.flaws == []
    assert "0 opened again" not in trial.landed
