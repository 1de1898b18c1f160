"""``scrapy proxy`` says whether the API answers, with one request, and shows no credentials."""

from __future__ import annotations

import pytest

from tests.support.authority import Authority
from tests.support.crawling import TOKEN
from tests.support.running_gateway import PASSWORD

ROTATE = "acme-session-{session}"


@pytest.mark.parametrize("user", [ROTATE, "alice"])
def test_an_exit_that_answers_is_found_with_one_request(user, sandbox, new_gateway, new_place):
    gateway = new_gateway()

    run = new_place(gateway.url(user)).scrapy("proxy")

    assert run.wait() == 0, run.text
    assert sandbox.counters["requests"] == len(gateway.seen) == 1
    assert "the API answers (200)" in run.text
    assert " ms" in run.text
    assert not [secret for secret in (PASSWORD, TOKEN, "acme", "alice") if secret in run.text]


@pytest.mark.parametrize(
    ("fault", "said"),
    [("dead", "answers 502"), ("page", "answers 403"), ("reset", "closed"), ("closed", "closed")],
)
def test_without_an_answer_it_ends_with_1(fault, said, sandbox, new_gateway, new_place):
    run = new_place(new_gateway(all=fault).url(ROTATE)).scrapy("proxy")

    assert run.wait() == 1
    assert said in run.text
    assert sandbox.counters["requests"] == 0


def test_wrong_credentials_are_named(new_gateway, new_place):
    run = new_place(new_gateway(password="another").url("alice")).scrapy("proxy")

    assert run.wait() == 1
    assert "407 (user name or password)" in run.text


def test_a_proxy_with_a_certificate_of_its_own_gets_no_token(new_gateway, new_place, tmp_path):
    certificate, key = map(str, Authority(tmp_path, "stranger").sign())
    gateway = new_gateway(certificate=certificate, key=key)

    run = new_place(gateway.url("alice")).scrapy("proxy")

    assert run.wait() == 1
    assert "no token was sent" in run.text
    assert [entry["clear"] for entry in gateway.seen] == [""]


def test_a_list_is_tried_until_one_answers_or_as_a_whole(sandbox, new_gateway, new_place):
    gateway = new_gateway(faults={"alice": "dead"})
    place = new_place(" ".join(gateway.url(user) for user in ("alice", "bob", "carol")))

    first, whole = place.scrapy("proxy"), place.scrapy("proxy", "--all")

    assert (first.wait(), whole.wait()) == (0, 1)
    assert "exit-2" in first.text
    assert "exit-3" not in first.text
    assert "exit-3" in whole.text
    assert sandbox.counters["requests"] == 3


@pytest.mark.parametrize(
    ("proxy", "arguments", "code", "said"),
    [
        ("", [], 1, "THINGIVERSE_PROXY"),
        ("http://a:b@127.0.0.1:1", ["-s", "TV_PROXY_MODE=off"], 1, "TV_PROXY_MODE"),
        ("http://a:b@127.0.0.1:1", ["http://c:d@127.0.0.1:1"], 2, "takes no arguments"),
        ("http://a:b@127.0.0.1:1", ["-s", "TV_PROXY_MODE=x"], 2, "off, rotate, sticky"),
    ],
)
def test_what_cannot_be_checked_is_told_in_one_line(proxy, arguments, code, said, new_place):
    run = new_place(proxy).scrapy("proxy", *arguments)

    assert run.wait() == code
    assert run.text.count("\n") == 1
    assert said in run.text
