"""Whole crawls: what they leave behind, how they end, and what never gets out."""

from __future__ import annotations

import argparse
import json
import signal

import pytest
from scrapy.settings import Settings

from tests.support.crawling import PATIENCE, until
from tests.support.shell import FAST, TOKEN
from tvspiders.commands.crawl import Command

PLANTERS = ("crawl", "things", "-a", "query=planters", *FAST)


def feed_of(shell):
    return [json.loads(line) for line in (shell.folder / "things.jsonl").read_text().splitlines()]


def test_a_whole_crawl_ends_with_0_and_says_so_last(finished):
    ended, _ = finished

    assert (ended.code, ended.out) == (0, "")
    assert ended.last == "tvspiders: complete: 15 requests answered"


def test_feed_table_and_truth_hold_the_same_things(crawled):
    truth = crawled.sandbox.oracle.search("planters")

    stored = {row[0] for row in crawled.rows("SELECT id FROM things WHERE detail_scraped IS NOT NULL")}
    fed = [item["id"] for item in feed_of(crawled) if item["kind"] == "thing"]

    assert stored == set(fed) == set(truth["visible"])
    assert len(fed) == len(stored)
    assert set(crawled.rows("SELECT parent_id, child_id FROM remix_edges")) == {
        tuple(edge) for edge in truth["edges"]
    }
    named = crawled.rows("SELECT id, name, creator, url FROM things WHERE detail_scraped IS NULL")
    assert {row[0] for row in named} == {parent for parent, _ in truth["edges"]} - stored
    assert all(name and url for _, name, _, url in named)


def test_the_database_is_for_its_owner_alone(crawled, finished):
    assert (finished[1] / "thingiverse.db").stat().st_mode & 0o777 == 0o600


def test_a_crawl_paused_by_its_user_goes_on_and_asks_nothing_twice(shell):
    first = shell(*PLANTERS, "-a", "max_requests=5", "-O", "things.jsonl")
    second = shell(*PLANTERS, "-O", "things.jsonl")

    assert first.code == second.code == 0
    assert first.last == (
        "tvspiders: paused: max_requests is spent; 5 requests answered; "
        "10 requests queued; the same command goes on"
    )
    assert second.last == "tvspiders: complete: 15 requests answered"
    assert (shell.sandbox.counters["requests"], shell.sandbox.counters["duplicates"]) == (15, 0)
    assert len([item for item in feed_of(shell) if item["kind"] == "thing"]) == 14


def test_a_second_round_stores_nothing_twice(crawled):
    tables = ("things", "creators", "remix_edges", "download_snapshots")
    before = [crawled.rows(f"SELECT count(*) FROM {name}") for name in tables]

    ended = crawled(*PLANTERS)

    assert ended.code == 0
    assert crawled.sandbox.counters["requests"] == 15
    assert [crawled.rows(f"SELECT count(*) FROM {name}") for name in tables] == before
    assert crawled.rows("SELECT round, verdict FROM crawls") == [(1, "complete"), (2, "complete")]


def test_requests_given_up_make_a_crawl_partial(shell):
    shell.sandbox.front.faults.set("500", 1.0)
    try:
        ended = shell(*PLANTERS, "-s", "TV_MAX_ATTEMPTS=1")
    finally:
        shell.sandbox.front.faults.set("500", 0.0)
    again = shell(*PLANTERS)

    assert ended.code == 3
    assert ended.last.startswith("tvspiders: partial: 1 parked, 0 quarantined; 0 requests answered; ")
    assert "the same command tries them again" in ended.last
    assert (again.code, again.last) == (0, "tvspiders: complete: 15 requests answered")


def test_a_crawl_without_a_valid_token_fails_and_keeps_its_work(shell):
    shell.sandbox.front.revoke(TOKEN)
    try:
        ended = shell(*PLANTERS)
    finally:
        shell.sandbox.front.restore(TOKEN)

    assert ended.code == 1
    assert ended.last.startswith("tvspiders: failed: no usable token is left; ")
    assert ended.last.endswith("1 request queued; the same command goes on")
    assert shell.rows("SELECT state FROM requests") == [("queued",)]


def test_a_signal_interrupts_a_wait(shell):
    process = shell.process("crawl", "things", "-a", "query=planters", "-s", "TV_QUOTA=3/1h")
    until(lambda: shell.sandbox.counters["requests"])

    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)  # the wait itself would take an hour

    assert process.returncode == 4
    assert err.rstrip().rpartition("\n")[2].startswith("tvspiders: interrupted: stopped by a signal; ")


def test_a_crawl_stopped_before_it_began_says_so_in_one_line(monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Command, "_check", stopped)
    command = Command()
    command.settings = Settings()
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)

    with pytest.raises(SystemExit) as ended:
        command.process_options(["things"], parser.parse_args([]))

    assert ended.value.code == 4
    assert capsys.readouterr().err == "tvspiders: interrupted: stopped before anything was asked\n"


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_no_token_gets_into_log_database_or_feed(shell, level):
    ended = shell(*PLANTERS, "-L", level, "--logfile", "crawl.log", "-O", "things.jsonl")

    assert ended.code == 0
    assert "Crawled (200)" in (shell.folder / "crawl.log").read_text() or level == "INFO"
    for path in shell.folder.iterdir():
        assert TOKEN.encode() not in path.read_bytes(), path.name
    assert TOKEN not in ended.err + ended.out


def test_the_arguments_of_a_spider_can_be_asked_for(shell):
    ended = shell("crawl", "things", "-a", "help=1", THINGIVERSE_TOKEN=None)

    assert (ended.code, ended.err) == (0, "")
    assert "query" in ended.out
    assert "max_requests" in ended.out
    assert shell.sandbox.counters["requests"] == 0


def test_what_scrapyd_adds_changes_nothing_and_leaves_no_pickle(shell):
    """With its own log, feed, job and version, and even with a folder for the job."""
    (shell.folder / "logs").mkdir()
    ended = shell(
        *("crawl", "things", "-a", "query=planters", *FAST, "-a", "_job=j1", "-a", "_version=7"),
        *("-s", "LOG_FILE=logs/j1.log", "-s", "JOBDIR=job"),
        *("-s", f'FEEDS={{"file://{shell.folder}/items/j1.jl": {{"format": "jsonlines"}}}}'),
    )
    ended_again = shell("crawl", "things", "-a", "query=planters", *FAST, "-a", "max_requests=1")

    assert (ended.code, ended_again.code) == (0, 0), ended.err
    assert [path.name for path in (shell.folder / "job").rglob("*") if path.is_file()] == []
    assert (shell.folder / "items" / "j1.jl").read_text().count("\n") > 10
    assert "Health: " in (shell.folder / "logs" / "j1.log").read_text()
    assert shell.rows("SELECT round FROM crawls ORDER BY id") == [(1,), (2,)]


def test_the_address_of_the_api_may_be_in_capitals(shell):
    address = shell.sandbox.url.replace("http://127.0.0.1", "HTTP://LocalHost")

    ended = shell(
        "crawl", "things", "-a", "query=planters", "-a", "pages=1", *FAST, THINGIVERSE_API_URL=address
    )

    assert ended.last.startswith("tvspiders: complete: ")
