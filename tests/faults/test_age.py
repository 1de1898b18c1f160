"""Answers out of the past, honest falls and a correction of the site, in real crawls."""

from __future__ import annotations

from pathlib import Path

from tests.faults.aged import age_trial, stored
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import RunningSandbox, running


def test_a_replica_that_lags_for_a_while_leaves_no_trace_and_likes_may_fall(tmp_path: Path) -> None:
    def lag(sandbox: RunningSandbox) -> None:
        sandbox.front.past.set(0.01, days=5, answers=1)

    with running(SandboxConfig(day=10, falling=0.2, max_age=1)) as sandbox:
        trial = age_trial(tmp_path, sandbox, lag, name="lag", pages=8)

        assert trial.flaws == []
        assert 0 < trial.refused == trial.extra <= sandbox.counters["by_fault"]["lagging"]


def test_copies_of_a_cache_are_not_stored_and_a_date_that_was_set_back_is(tmp_path: Path) -> None:
    corrected: list[int] = []

    def spoil(sandbox: RunningSandbox) -> None:
        corrected.extend(sandbox.oracle.search("box")["visible"][:1])
        sandbox.front.correct(corrected[0], {"modified": "2009-01-01T00:00:00+00:00"})
        sandbox.front.faults.set("stale", 0.015)

    with running(SandboxConfig(day=10, max_age=1)) as sandbox:
        trial = age_trial(tmp_path, sandbox, spoil, name="stale", pages=8, days=0, share=0.02)

        assert trial.flaws == []
        assert trial.refused > 1
        modified = stored(f"sqlite:///{tmp_path / 'x.db'}")[corrected[0]]["modified"]
        assert modified == "2009-01-01T00:00:00+00:00"
