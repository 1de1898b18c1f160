"""``scrapy plan`` says what a crawl will cost, for a request or two."""

from __future__ import annotations

import math
import re

import pytest

from tests.support.shell import FAST


def requests(ended):
    """The rows of the table."""
    rows = re.findall(r"│ (.+?) +│ +([\d,]+) │", ended.out)
    return {name: int(number.replace(",", "")) for name, number in rows}


def pages(rows):
    return max(1, math.ceil(rows / 30))


def plan(shell, *line):
    ended = shell("plan", *line)
    assert (ended.code, ended.err) == (0, "")
    return ended


@pytest.mark.parametrize("query", ["planters", "flexi", "zzqnothing"])
def test_a_search_costs_its_pages_and_its_hits(shell, query):
    hits = shell.sandbox.oracle.search(query)["total"]

    ended = plan(shell, "things", "-a", f"query={query}")

    parts = {"pages of the search": pages(hits), "details": hits}
    assert requests(ended) == parts | {"in all, about": pages(hits) + hits}
    assert "this estimate took 1 request." in ended.out
    assert shell.sandbox.counters["requests"] == 1


def test_the_estimate_is_what_the_crawl_then_asks(shell):
    planned = requests(plan(shell, "things", "-a", "query=planters"))["in all, about"]
    shell.sandbox.reset()

    shell("crawl", "things", "-a", "query=planters", *FAST)

    assert shell.sandbox.counters["requests"] == planned == 15


def test_pages_and_details_limit_a_search(shell):
    ended = plan(shell, "things", "-a", "query=flexi", "-a", "pages=1", "-a", "details=false")

    assert requests(ended) == {"pages of the search": 1, "in all, about": 1}


def test_a_category_costs_its_pages_and_its_things(shell):
    things = shell.sandbox.oracle.category("household")["total"]

    ended = plan(shell, "categories", "-a", "category=household")

    assert requests(ended) == {
        "pages of categories": pages(things),
        "details": things,
        "in all, about": pages(things) + things,
    }


def test_a_user_costs_the_profile_and_its_lists(shell):
    user = shell.sandbox.oracle.user("MakerBot")

    ended = plan(
        shell, "users", "-a", "username=MakerBot", "-a", "include=things,likes", "-a", "details=false"
    )

    assert requests(ended) == {
        "profiles": 1,
        "pages of likes": pages(user["like_count"] or 0),
        "pages of things": pages(user["thing_count"]),
        "in all, about": 1 + pages(user["like_count"] or 0) + pages(user["thing_count"]),
    }


def test_a_remix_tree_costs_its_first_generation(shell):
    oracle = shell.sandbox.oracle
    root = oracle.hubs(1)[0]
    near = oracle.remixes([root], depth=1)
    children = oracle.thing(root)["remix_count"]

    ended = plan(shell, "remixes", "-a", f"thing={root}", "-a", "depth=1")

    assert requests(ended)["things"] == len(near["nodes"])
    assert requests(ended)["pages of derivatives"] == pages(children)


def test_time_follows_from_quota_and_tokens(shell):
    one = plan(shell, "things", "-a", "query=planters", "-s", "TV_QUOTA=15/1h", "-s", "TV_QUOTA_SPREAD=False")
    three = shell(
        "plan",
        *("things", "-a", "query=planters", "-s", "TV_QUOTA=5/1h", "-s", "TV_QUOTA_SPREAD=False"),
        THINGIVERSE_TOKEN="token-1,token-2,token-3",
    )

    assert "About 1 h 00 min at 15/1h with 1 token;" in one.out
    assert "About 1 h 00 min at 5/1h with 3 tokens;" in three.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "name one spider"),
        ("nobody", "no spider 'nobody'"),
        ("things", "'query' is missing"),
        ("things -a query", "NAME=VALUE"),
        ("things -a query=x -s TV_QUOTA", "NAME=VALUE"),
        ("things -a query=x -s TV_QUOTA=1/0s", "quota '1/0s'"),
        ("things -a query=x --hat", "no option --hat"),
        ("users -a username=nobody_at_all", "there is no user 'nobody_at_all'"),
        ("remixes -a thing=999999999", "there is no thing 999999999"),
    ],
)
def test_what_cannot_be_planned_is_told_in_one_line(shell, line, said):
    ended = shell("plan", *line.split())

    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert said in ended.err


def test_nothing_is_estimated_from_a_refusal(shell):
    shell.sandbox.front.faults.set("500", 1.0)
    try:
        ended = shell("plan", "things", "-a", "query=planters")
    finally:
        shell.sandbox.front.faults.set("500", 0.0)

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "the API answers 500" in ended.err


@pytest.mark.parametrize(
    ("kind", "filters"), [("popular", {"sort": "popular"}), ("featured", {"is_featured": 1})]
)
def test_a_list_of_the_site_costs_its_pages_and_its_things(shell, kind, filters):
    things = shell.sandbox.oracle.search("", **filters)["total"]

    parts = requests(plan(shell, "listings", "-a", f"kind={kind}"))

    assert parts["details"] == things
    assert parts["pages of the list"] == pages(things)


def test_draws_cost_themselves_and_five_things_each(shell):
    ended = plan(shell, "listings", "-a", "kind=random", "-a", "pages=4")

    assert requests(ended) == {"draws": 4, "details": 20, "in all, about": 24}


def test_a_tag_costs_its_page_its_list_and_its_things(shell):
    things = shell.sandbox.oracle.tag("planters")["total"]

    ended = plan(shell, "tags", "-a", "tag=planters", "-a", "details=false")

    assert requests(ended) == {"tags": 1, "pages of tags": pages(things), "in all, about": 1 + pages(things)}


def test_a_collection_costs_its_page_its_list_and_its_things(shell):
    number = shell.sandbox.oracle.user("MakerBot")["collections"][0]
    things = shell.sandbox.oracle.collection(number)["total"]

    ended = plan(shell, "collections", "-a", f"collection={number}")

    parts = {"collections": 1, "pages of collections": pages(things), "details": things}
    assert requests(ended) == parts | {"in all, about": sum(parts.values())}


def test_what_would_be_asked_again_is_told_without_a_request(crawled):
    ended = plan(crawled, "refresh", "-a", "max_requests=5", "-a", "watch=2")

    assert requests(ended) == {"watched things": 1, "things by expected gain": 4, "in all, about": 5}
    assert "this estimate took 0 requests." in ended.out
    assert crawled.sandbox.counters["requests"] == 0


def test_without_a_database_nothing_can_be_asked_again(shell):
    ended = shell("plan", "refresh")

    assert ended.code == 1
    assert "there is no database" in ended.err
