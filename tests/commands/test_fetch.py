"""One answer of the API can be looked at with Scrapy's own commands, without a crawl."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.support.shell import FAST, TOKEN

ASKED = {"fetch": (), "shell": ("-c", "print(response.text)")}


@pytest.fixture(params=sorted(ASKED))
def look(request, shell):
    """``scrapy fetch`` or ``scrapy shell`` of a path of the API."""

    def ask(path, **environment):
        options = (*ASKED[request.param], *FAST)
        return shell(request.param, *options, shell.sandbox.url + path, **environment)

    return ask


def test_an_answer_is_printed_and_belongs_to_no_crawl(look, shell):
    asked = shell.sandbox.counters["requests"]
    ended = look("/things/4")

    assert ended.code == 0, ended.err
    assert json.loads(ended.out.splitlines()[0])["id"] == 4
    assert TOKEN not in ended.out + ended.err
    assert "Traceback" not in ended.err
    assert shell.sandbox.counters["requests"] == asked + 1
    with closing(sqlite3.connect(shell.database)) as connection, connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("crawls", "things")
        ]
    assert counts == [(0,), (0,)]


def test_without_a_token_nothing_is_asked(look):
    ended = look("/things/4", THINGIVERSE_TOKEN=None)

    assert ended.code == 1
    assert ended.err.startswith("tvspiders: no token is set")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("name", sorted(ASKED))
def test_another_host_is_refused_in_one_line(shell, name):
    ended = shell(name, "https://example.org/")

    assert ended.code == 1
    assert ended.err.startswith("tvspiders: a request to https://example.org:443 was not sent")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("spider", "said"),
    [
        ("things", "spider things needs arguments, and this command gives it none; omit --spider"),
        ("thing", "there is no spider 'thing'; there are: "),
    ],
)
@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_spider_that_cannot_be_used_for_it_is_refused_in_one_line(shell, name, spider, said):
    ended = shell(name, *ASKED[name], f"{shell.sandbox.url}/things/4", "--spider", spider)

    assert ended.code == 2
    assert ended.err.startswith(f"tvspiders: {said}")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("TV_QUOTA=1", "quota '1' is not understood"),
        ("DOWNLOAD_VERIFY_CERTIFICATES=False", "DOWNLOAD_VERIFY_CERTIFICATES=False is not accepted"),
        ("HTTPCACHE_ENABLED=True", "HTTPCACHE_ENABLED=True is not accepted"),
    ],
)
@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_setting_that_a_crawl_refuses_is_refused_in_one_line(shell, name, assignment, said):
    asked = shell.sandbox.counters["requests"]

    ended = shell(name, *ASKED[name], f"{shell.sandbox.url}/things/4", "-s", assignment)

    assert ended.code == 2
    assert ended.err.startswith(f"tvspiders: {said}")
    assert ended.err.count("\n") == 1
    assert shell.sandbox.counters["requests"] == asked
