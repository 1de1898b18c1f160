"""When no exit answers: wait without work, end cleanly, say what it was, go on later."""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from tests.support.crawling import QUERY, until
from tests.support.gateway import FROM
from tests.support.truth import Truth, flaws_of_database

ROTATE = "acme-session-{session}"
PAGES = 6


def cpu(run):
    used = psutil.Process(run.pid).cpu_times()
    return used.user + used.system


@pytest.mark.parametrize(
    "users",
    [[ROTATE], pytest.param(["alice", "bob", "carol"], marks=pytest.mark.long)],
    ids=["gateway", "list"],
)
def test_a_crawl_that_loses_all_exits_waits_ends_and_goes_on(users, sandbox, new_gateway, new_place):
    gateway = new_gateway()
    truth = Truth.of_search(sandbox.oracle, QUERY, PAGES)
    place = new_place(" ".join(gateway.url(user) for user in users))
    settings = {"DOWNLOAD_TIMEOUT": 1, "TV_PROXY_REST": 4, "TV_PROXY_PATIENCE": 18}
    sandbox.hold(after=20)
    first = place.crawl(pages=PAGES, **settings)
    until(lambda: sandbox.waiting)
    gateway.set(all="silent")
    sandbox.release()
    until(lambda: "all proxies cool down" in first.text)
    began, before = time.monotonic(), cpu(first)
    time.sleep(2)
    share = (cpu(first) - before) / (time.monotonic() - began)

    assert first.wait() == 1
    assert share < 0.5  # a loop without a pause takes a whole core; benchmarks/proxies.py has the figure
    assert first.line.startswith("tvspiders: failed: it was the proxies: none of them answers")
    assert "the same command goes on" in first.line
    gateway.set(all="")
    again = place.crawl(pages=PAGES, **settings)
    assert again.wait() == 0, again.line
    assert flaws_of_database(place.database, truth) == []


def test_a_stop_ends_the_wait(sandbox, new_gateway, new_place):
    gateway = new_gateway(all="dead")
    run = new_place(gateway.url(ROTATE)).crawl(pages=PAGES)
    until(lambda: "all proxies cool down" in run.text)

    run.signal(signal.SIGTERM)

    assert run.wait() == 4
    assert "queued; the same command goes on" in run.line


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"password": "another"}, "they refuse user name or password"),
        ({"all": "dead"}, "none of them answers"),
    ],
)
@pytest.mark.parametrize("user", [ROTATE, "alice"])
def test_proxies_that_never_worked_are_named(user, config, said, sandbox, new_gateway, new_place):
    gateway = new_gateway(**config)

    run = new_place(gateway.url(user)).crawl(pages=PAGES, TV_PROXY_PATIENCE=1)

    assert run.wait() == 1
    assert said in run.line
    assert run.line.startswith("tvspiders: failed: it was the proxies")
    assert sandbox.counters["requests"] == 0


def test_direct_traffic_needs_leave(sandbox, new_gateway, new_place):
    gateway = new_gateway()
    truth = Truth.of_search(sandbox.oracle, QUERY, PAGES)
    place = new_place(gateway.url(ROTATE))
    sandbox.hold(after=20)
    run = place.crawl(pages=PAGES, TV_PROXY_FALLBACK="direct")
    until(lambda: sandbox.waiting)
    gateway.set(all="dead")
    sandbox.release()

    assert run.wait() == 0, run.line
    assert set(sandbox.counters["by_session"]) == {FROM, "127.0.0.1"}
    assert run.text.count("sending requests directly") == 1
    assert flaws_of_database(place.database, truth) == []
