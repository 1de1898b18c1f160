"""How many sessions a crawl uses, and that it leaves through them only."""

from __future__ import annotations

import pytest

from tests.support.crawling import QUERY, until
from tests.support.gateway import FROM
from tests.support.truth import Truth, flaws_of_database

ROTATE = "acme-session-{session}"
TOKENS = "first-token-01 second-token-02 third-token-03"


@pytest.mark.parametrize("pages", [4, pytest.param(17, marks=pytest.mark.long)])
def test_each_request_has_a_session_of_its_own(sandbox, new_gateway, new_place, pages):
    gateway = new_gateway()
    truth = Truth.of_search(sandbox.oracle, QUERY, pages)
    place = new_place(gateway.url(ROTATE))

    run = place.crawl(pages=pages)

    assert run.wait() == 0, run.line
    users = gateway.users()
    assert truth.requests > 30 * pages
    assert len(users) == truth.requests
    assert set(users.values()) == {1}
    assert list(sandbox.counters["by_session"]) == [FROM]
    assert flaws_of_database(place.database, truth) == []


def test_countries_take_turns(new_gateway, new_place):
    gateway = new_gateway()
    place = new_place(gateway.url("acme-{country}-{session}"))

    run = place.crawl(pages=1, TV_PROXY_COUNTRY="us,de")

    assert run.wait() == 0, run.line
    countries = [user.split("-")[1] for user in gateway.users()]
    assert abs(countries.count("us") - countries.count("de")) <= 1
    for figure in ("requests", "answers", "bytes", "latency"):
        assert f"'tv/proxy/gateway-us/{figure}'" in run.text


def test_three_tokens_have_three_sessions_until_one_rests(sandbox, new_gateway, new_place):
    gateway = new_gateway()
    truth = Truth.of_search(sandbox.oracle, QUERY, 9)
    place = new_place(gateway.url(ROTATE), THINGIVERSE_TOKEN=TOKENS)

    sandbox.hold(after=40)
    run = place.crawl(pages=9, TV_PROXY_MODE="sticky", TV_QUOTA="6/1s")
    until(lambda: len(sandbox.counters["by_token"]) == 3 and sandbox.waiting)
    users = gateway.users()
    gateway.set(**{next(iter(users)): "dead"})
    sandbox.release()

    assert run.wait() == 0, run.line
    assert len(users) == 3
    assert len(gateway.users()) == 4
    assert kept_to(sandbox, 6)
    assert flaws_of_database(place.database, truth) == []


def kept_to(sandbox, limit):
    """Whether each token took at least as long for its requests as so many a second need."""
    entries = sandbox.journal
    for token in {entry.token for entry in entries}:
        times = [entry.t for entry in entries if entry.token == token]
        if max(times) - min(times) < 0.9 * (len(times) / limit - 1):
            return False
    return True


def test_n_proxies_are_not_n_times_the_quota(sandbox, new_gateway, new_place):
    gateways = [new_gateway() for _ in range(3)]
    place = new_place(" ".join(gateway.url("alice") for gateway in gateways))

    run = place.crawl(pages=1, TV_QUOTA="10/1s")

    assert run.wait() == 0, run.line
    assert all(gateway.seen for gateway in gateways)
    assert kept_to(sandbox, 10)


def test_users_of_one_host_are_exits_of_their_own(new_gateway, new_place):
    gateway = new_gateway(faults={"bob": "dead"})
    place = new_place(" ".join(gateway.url(user) for user in ("alice", "bob", "carol")))

    run = place.crawl(pages=2)

    assert run.wait() == 0, run.line
    assert {entry["user"] for entry in gateway.seen if entry["outcome"] == "served"} == {"alice", "carol"}
    assert "'tv/proxy/exit-2/bans'" in run.text
    assert "Deprecat" not in run.text


def test_commands_leave_through_the_proxy_as_well(sandbox, new_gateway, new_place):
    gateway = new_gateway()
    place = new_place(gateway.url(ROTATE))

    runs = [place.scrapy("token"), place.scrapy("plan", "things", "-a", "query=box")]

    assert [run.wait() for run in runs] == [0, 0]
    assert list(sandbox.counters["by_session"]) == [FROM]
    assert len(gateway.seen) == sandbox.counters["requests"] == 2
