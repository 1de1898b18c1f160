"""Answers out of the past: caches, replicas that lag, likes that are taken back, and corrections."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.client import fetch
from tests.sandbox.sites import api_of
from tvspiders.sandbox import SandboxConfig, running
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.config import ConfigError
from tvspiders.sandbox.front import Front

COUNTS = ("download_count", "view_count", "like_count", "make_count")


def front(**switches: Any) -> Front:
    return Front(SandboxConfig(**{"things": 1000, "control": True, "day": 20} | switches))


def answer(front: Front, target: str) -> Any:
    question = Ask.read(target)
    question.token = "t"
    return front.decide(question, target, session="", address="127.0.0.1", now=0.0).answer


def page(front: Front, thing: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(front, f"/things/{thing}").body)
    return found


def visible(front: Front, count: int = 40) -> list[int]:
    """Things that can be seen from the first day to the last."""
    life = front.site.catalogue.life
    return [thing for thing in range(1, 1001) if life.visible(thing, 0) and life.visible(thing, 99)][:count]


def told_on(day: int, thing: int) -> dict[str, Any]:
    return page(front(day=day), thing)


def test_a_copy_of_a_cache_is_a_day_old_and_says_so():
    spoilt = front(rate_stale=1)
    thing = next(thing for thing in visible(spoilt) if told_on(19, thing) != told_on(20, thing))

    copy = answer(spoilt, f"/things/{thing}")

    assert json.loads(copy.body) == told_on(19, thing)
    assert copy.headers["Age"] == "3600"
    assert copy.headers["Cache-Control"] == "max-age=1800"
    assert spoilt.counters()["by_fault"] == {"stale": 1}


def test_what_was_not_there_or_is_gone_is_answered_as_it_is_today():
    lagging = front(lagging=1, lag_days=20)
    life = lagging.site.catalogue.life
    gone = next(t for t in range(1, 1001) if life.visible(t, 0) and not life.visible(t, 20))
    new = next(t for t in range(1001, 1100) if life.visible(t, 20) and not life.visible(t, 0))

    assert answer(lagging, f"/things/{gone}").status in (403, 404)
    assert page(lagging, new) == told_on(20, new)


def test_a_replica_lags_for_some_subjects_and_gives_no_sign_of_it():
    lagging = front(lagging=0.3, lag_days=7)
    things = visible(lagging)

    old = [thing for thing in things if page(lagging, thing) == told_on(13, thing) != told_on(20, thing)]
    fresh = [thing for thing in things if page(lagging, thing) == told_on(20, thing)]

    assert 0.15 * len(things) < len(old) < 0.5 * len(things)
    assert {*old, *fresh} == set(things)
    assert "Age" not in answer(lagging, f"/things/{old[0]}").headers
    assert [page(lagging, thing) for thing in old] == [told_on(13, thing) for thing in old]


def test_a_replica_catches_up_after_so_many_answers():
    lagging = front(lagging=1, lag_days=7, lag_answers=2)
    thing = visible(lagging)[0]

    told = [page(lagging, thing) for _ in range(3)]

    assert told == [told_on(13, thing), told_on(13, thing), told_on(20, thing)]


def test_likes_and_makes_fall_by_one_a_day_and_downloads_and_views_never():
    falling = api_of(things=1000, falling=0.5)
    things = [
        thing
        for thing in falling.catalogue.visible(range(1, 1001), 30)
        if falling.catalogue.falls(thing) and falling.get(f"/things/{thing}")["make_count"] > 2
    ]

    for thing in things:
        days = [falling.get(f"/things/{thing}", day=day) for day in range(3)]
        assert [day["like_count"] - days[0]["like_count"] for day in days] == [0, -1, -2]
        assert [day["make_count"] - days[0]["make_count"] for day in days] == [0, -1, -2]
        assert len(falling.walk(f"/things/{thing}/copies", per_page=30)) == days[0]["make_count"]
        assert days == sorted(days, key=lambda day: (day["download_count"], day["view_count"]))
        honest = api_of(things=1000).get(f"/things/{thing}", day=2)
        assert [days[2][name] for name in COUNTS[:2]] == [honest[name] for name in COUNTS[:2]]
    assert len(things) > 20


def test_the_time_that_an_answer_may_be_kept_can_be_set():
    told = front(max_age=2)

    assert answer(told, "/things/2").headers["Cache-Control"] == "max-age=2"
    assert answer(told, "/things/99999999").headers["Cache-Control"].startswith("no-store")


def test_the_site_corrects_a_page_and_the_oracle_knows():
    with running(SandboxConfig(things=1000)) as sandbox:
        fetch(sandbox.url, "/_sandbox/correct/2?modified=2009-01-01", method="POST", token=None)
        sandbox.front.correct(2, {"download_count": 3})

        told = fetch(sandbox.url, "/things/2").json()
        oracle = sandbox.oracle.thing(2)
        sandbox.reset()

        assert told["modified"] == oracle["modified"] == "2009-01-01"
        assert told["download_count"] == oracle["download_count"] == 3
        assert sandbox.oracle.thing(2)["modified"] != told["modified"]


def test_the_replica_is_set_while_the_sandbox_runs():
    with running(SandboxConfig(things=1000, day=20)) as sandbox:
        fetch(sandbox.url, "/_sandbox/lagging?share=1&days=7", method="POST", token=None)
        old = fetch(sandbox.url, "/things/2").json()
        fetch(sandbox.url, "/_sandbox/lagging", method="POST", token=None)

        assert old == told_on(13, 2)
        assert fetch(sandbox.url, "/things/2").json() == told_on(20, 2)
        with pytest.raises(ConfigError):
            sandbox.front.past.set(2, 7, 0)
