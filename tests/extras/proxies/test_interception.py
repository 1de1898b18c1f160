"""A proxy that answers in the API's place gets no token."""

from __future__ import annotations

import pytest

from tests.support.authority import Authority
from tests.support.crawling import QUERY
from tests.support.truth import Truth, flaws_of_database

ROTATE = "acme-session-{session}"


@pytest.fixture
def intercepting(new_gateway, tmp_path):
    """A proxy with a certificate for the API's address that nobody here trusts."""
    certificate, key = map(str, Authority(tmp_path, "stranger").sign())
    return new_gateway(certificate=certificate, key=key)


@pytest.mark.parametrize("user", [ROTATE, "alice"])
def test_it_is_told_in_one_line_and_sees_no_token(user, intercepting, sandbox, new_place):
    run = new_place(intercepting.url(user)).crawl(pages=1)

    assert run.wait() == 1
    assert intercepting.outcomes()["intercepted"] > 0
    assert [entry["clear"] for entry in intercepting.seen if entry["clear"]] == []
    problems = [line for line in run.text.splitlines() if "] ERROR:" in line or "] WARNING:" in line]
    assert len(problems) == 1
    assert "certificate of their own" in problems[0]
    assert "certificate of their own" in run.line
    assert "no token was sent" in run.line
    assert sandbox.counters["requests"] == 0


def test_one_among_others_is_left_alone(intercepting, sandbox, new_gateway, new_place):
    honest = new_gateway()
    truth = Truth.of_search(sandbox.oracle, QUERY, 1)
    place = new_place(f"{intercepting.url('alice')} {honest.url('bob')}")

    run = place.crawl(pages=1)

    assert run.wait() == 0, run.line
    assert len(intercepting.seen) <= 1
    assert [entry["clear"] for entry in intercepting.seen if entry["clear"]] == []
    assert run.text.count("sent its own certificate") == len(intercepting.seen)
    assert flaws_of_database(place.database, truth) == []


def test_an_api_whose_authority_is_not_trusted_is_not_asked(sandbox, new_gateway, new_place, tmp_path):
    gateway = new_gateway()
    other = Authority(tmp_path, "other")
    run = new_place(gateway.url(ROTATE), SSL_CERT_FILE=str(other.root)).crawl(pages=1)

    assert run.wait() == 1
    assert sandbox.counters["requests"] == 0
    assert "certificate" in run.line
