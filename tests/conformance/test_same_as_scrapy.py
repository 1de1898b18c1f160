"""What a user sets up does here what it does under stock Scrapy, or is refused before the first request."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from tests.conformance.table import BROKEN, FAILING, OWN, PROGRAMS, REFUSED, SCRIPTS, WORKING, Case, own


def named(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


@named(WORKING)
def test_items_and_signals_are_those_of_stock_scrapy(worlds, case):
    stock, ours = worlds.stock(case), worlds.ours(case)

    assert stock.ended.code == 0, stock.ended.err
    assert ours.ended.code == case.exit_code, ours.ended.err
    assert ours.signals == stock.signals
    assert ours.signals["item_scraped"] > 0
    assert (ours.sizes, ours.others) == (stock.sizes, stock.others)
    if case.command == OWN:
        assert ours.feed == stock.feed
    else:
        # An item of ours that is the same again is in a feed once, and tags are in the rows of their things.
        assert ours.feed == sorted(item for item in set(stock.feed) if '"kind": "tag"' not in item)


@named(PROGRAMS)
def test_a_program_has_the_feed_of_the_same_crawl_under_stock_scrapy(worlds, case):
    stock, ours = worlds.stock(Case("plain", "")), worlds.ours(case)

    assert ours.ended.code == 0, ours.ended.err
    assert ours.feed == sorted(item for item in set(stock.feed) if '"kind": "tag"' not in item)


@named(REFUSED)
def test_what_the_ledger_cannot_do_without_is_refused_in_one_line(worlds, case):
    ours = worlds.ours(case)

    assert ours.ended.err.count("\n") == 1, ours.ended.err
    assert case.refused in ours.ended.err
    assert ours.ended.code == case.exit_code
    assert (worlds.sandbox.counters["requests"], worlds.crawls) == (0, 0)


@named(FAILING)
def test_what_fails_at_the_start_is_named_in_the_last_line_and_in_the_health_record(worlds, case):
    ours = worlds.ours(replace(case, settings=case.settings | {"TV_HEALTH_FILE": "health.jsonl"}))

    assert ours.ended.last.startswith("tvspiders: " + case.refused), ours.ended.err
    assert ours.ended.code == case.exit_code
    assert worlds.sandbox.counters["requests"] == 0
    (health,) = map(json.loads, worlds.file("health.jsonl").splitlines())
    assert health["exit_code"] == case.exit_code
    assert case.refused.removeprefix("failed: ") in health["reason"]


@named(BROKEN)
def test_a_feed_that_is_not_whole_is_named_and_no_crawl_is_complete_without_it(worlds, case):
    stock, ours = worlds.stock(case), worlds.ours(case)

    assert stock.ended.code == 0
    assert (ours.ended.code, ours.ended.last.partition(" feed ")[0]) == (1, "tvspiders: failed:")
    assert case.refused in ours.ended.last
    assert "s3cr3t-word" not in ours.ended.err


@named(SCRIPTS)
def test_a_program_gets_an_error_of_its_own(worlds, case):
    ours = worlds.ours(case)

    assert ours.ended.last.startswith(case.refused), ours.ended.err
    assert ours.ended.code == case.exit_code
    assert (worlds.sandbox.counters["requests"], worlds.crawls) == (0, 0)


def test_a_setting_without_effect_is_told_once(worlds):
    (case,) = [case for case in WORKING if case.name == "no-effect"]

    ours = worlds.ours(case)

    for name in case.settings:
        assert ours.ended.err.count(f"WARNING: {name} has no effect: ") == 1


def test_view_shows_one_answer_and_leaves_no_crawl_behind(worlds):
    command = ("view", f"{worlds.sandbox.url}/things/2")
    case = Case("view", "scrapy view", command=command, environment={"BROWSER": "true"})

    ours = worlds.ours(case)

    assert ours.ended.code == 0, ours.ended.err
    assert "Traceback" not in ours.ended.err
    assert (worlds.sandbox.counters["requests"], worlds.crawls) == (1, 0)


KILLED = Case(
    "killed",
    "a plain spider that is killed",
    {
        "ITEM_PIPELINES": {"user.Kill": 500},
        "TV_LEASE_BATCH": 2,
        "FEEDS": {
            "out%(batch_id)d.jsonl": {"format": "jsonlines", "overwrite": True, "batch_item_count": 4},
            "out%(batch_time)s.csv": {"format": "csv", "batch_item_count": 5, "fields": ["id", "n"]},
            "out.xml": {"format": "xml"},
        },
    },
    own("yield {'id': number, 'n': 1}\n        yield {'id': number, 'n': 2}").replace(
        "        for number", "        yield {'first': 1}\n        for number"
    )
    + "class Kill:\n    seen = 0\n    def process_item(self, item):\n        Kill.seen += 1\n"
    "        if Kill.seen == int(os.environ.get('KILL_AT', 0)): os.kill(os.getpid(), signal.SIGKILL)\n"
    "        item['shown'] = item.get('n', 0) * 10\n        return item\n",
    OWN,
)


@pytest.mark.parametrize(
    "moments", [(3, 8), *(pytest.param(moments, marks=pytest.mark.long) for moments in ((12, 5), (16, 2)))]
)
def test_items_of_a_users_own_are_in_the_feed_once_after_any_kill(worlds, monkeypatch, moments):
    stock = worlds.stock(KILLED)

    for moment in moments:
        assert worlds.ours(KILLED, KILL_AT=str(moment)).ended.code == -9
    ours = worlds.ours(KILLED)

    assert ours.ended.code == 0, ours.ended.err
    assert ours.feed == stock.feed
    assert (ours.sizes, ours.others) == (stock.sizes, stock.others)


@pytest.mark.long
@named([case for case in WORKING if case.command[0] in ("crawl", "runspider") and not case.script])
def test_no_set_up_loses_or_doubles_anything_over_kills(worlds, case):
    stock, dice = worlds.stock(case), random.Random(case.name)
    moments = [dice.randint(1, sum(stock.signals.values())) for _ in range(2)]

    ours = worlds.ours(case, KILL_AT=str(moments[0]))
    assert ours.ended.code == -9
    for moment in (moments[1], 0):
        if ours.ended.code == -9:  # else it had less to do than that, and one more run would be another round
            ours = worlds.ours(case, KILL_AT=str(moment))

    assert ours.ended.code == case.exit_code, ours.ended.err
    assert (ours.sizes, ours.others) == (stock.sizes, stock.others)
    expected = [item for item in stock.feed if '"kind": "tag"' not in item]
    assert ours.feed == (stock.feed if case.command == OWN else sorted(set(expected)))
