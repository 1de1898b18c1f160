"""``scrapy probe``: a table, a file without a secret, and what crawls and plans have of it."""

from __future__ import annotations

import json
import os
import stat

import pytest

from tests.support.shell import FAST, TOKEN
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.running import running


@pytest.fixture(scope="module")
def guide():
    with running(SandboxConfig(things=300, guide=True)) as sandbox:
        yield sandbox


def test_it_prints_a_table_writes_a_file_and_the_crawl_asks_the_right_names(shell, guide):
    origin = {"THINGIVERSE_API_URL": guide.url}
    ended = shell("probe", *FAST, **origin)
    asked = len(guide.journal)

    assert (ended.code, ended.err) == (0, "")
    assert f"{asked} requests" in ended.out
    assert asked <= 60
    path = shell.folder / "probe.json"
    written = json.loads(path.read_text())
    found = {each["topic"]: each for each in written["findings"]}
    assert (found["thing/copies"]["value"], found["thing/copies"]["sure"]) == ("makes", "seen")
    assert (written["requests"], written["origin"]) == (asked, guide.url)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    people = {guide.oracle.thing(thing).get("creator") for thing in range(1, 300)} - {None}
    for text in (path.read_text(), ended.out):
        assert TOKEN not in text
        assert not any(f'"{name}"' in text for name in people)

    name = guide.oracle.prolific(1)[0]
    crawled = shell("crawl", "users", "-a", f"username={name}", "-a", "include=makes", *FAST, **origin)
    assert crawled.code == 0
    assert not any("/copies" in entry.target for entry in guide.journal[asked:])
    hub = guide.oracle.hubs(1)[0]
    planned = shell("plan", "remixes", "-a", f"thing={hub}", "-a", "categories=true", *FAST, **origin)
    assert "pages of remixes" in planned.out
    assert "categories" not in planned.out


def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(shell):
    ended = shell("probe", "-o", str(shell.folder), *FAST)

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "is a folder; name a file" in ended.err
    assert shell.sandbox.journal == []


def test_without_an_api_it_says_so_in_one_line_and_writes_nothing(shell):
    ended = shell("probe", *FAST, THINGIVERSE_API_URL="http://127.0.0.1:9")

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert not (shell.folder / "probe.json").exists()
