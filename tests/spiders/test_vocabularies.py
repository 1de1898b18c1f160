"""Whatever an API calls its lists and fields: the tables hold what the oracle says, at one wrong request."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from tests.support.bench import Bench, bench
from tests.support.starting import ROOT, run
from tvspiders.sandbox.config import GUIDE, VOCABULARY
from tvspiders.sandbox.oracle import Oracle

THINGS = 120
COLUMNS = (
    *("name", "creator", "license", "added", "download_count", "view_count", "like_count", "make_count"),
    *("remix_count", "collect_count", "comment_count", "file_count", "url"),
)
ALL = [
    frozenset(word for word, spoken in zip(VOCABULARY, spoken, strict=True) if spoken)
    for spoken in product((False, True), repeat=len(VOCABULARY))
]
"""Every mixture of the words."""


def covering(worlds: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """A few of the worlds, in which any two words are met together, apart and not at all."""
    left = {
        (one, two, a, b)
        for one, two in combinations(VOCABULARY, 2)
        for a, b in product((False, True), repeat=2)
    }
    chosen = [frozenset(GUIDE)]
    while left := {pair for pair in left if not _has(chosen[-1], pair)}:
        chosen.append(max(worlds, key=lambda world: sum(_has(world, pair) for pair in left)))
    return chosen


def _has(world: frozenset[str], pair: tuple[str, str, bool, bool]) -> bool:
    one, two, a, b = pair
    return (one in world) is a and (two in world) is b


FEW = covering(ALL)


def crawls_of(oracle: Oracle) -> list[tuple[str, dict[str, str]]]:
    """One crawl of each spider."""
    first, second = oracle.prolific(2)
    hub = oracle.hubs(1)[0]
    return [
        ("users", {"username": f"{first},{second}", "include": USER_LISTS, "makes": "true"}),
        ("remixes", {"thing": str(hub), "depth": "2"}),
        ("things", {"query": "mini", "makes": "true", "categories": "true"}),
        ("categories", {"category": "gadgets"}),
        ("listings", {"kind": "verified", "pages": "1", "details": "false"}),
        ("collections", {"collection": str(oracle.user(first)["collections"][0])}),
        ("tags", {"tag": "useful"}),
        ("refresh", {"max_requests": "5"}),
    ]


USER_LISTS = "things,makes,likes,collections,followers,following"


class Tables:
    """What the crawls have stored."""

    def __init__(self, bench: Bench) -> None:
        self._path = bench.folder / "crawl.db"

    def rows(self, query: str) -> set[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._path)) as connection:
            return set(connection.execute(query))


def flaws(tables: Tables, oracle: Oracle, words: frozenset[str]) -> list[str]:
    """Where the tables differ from what a perfect crawl holds."""
    users = [oracle.user(name) for name in oracle.prolific(2)]
    nodes = oracle.remixes([oracle.hubs(1)[0]], depth=2)
    searched = oracle.search("mini")
    members = {(c, thing) for user in users for c in user["collections"] for thing in oracle.collected(c)}
    listed = [
        *(thing for user in users for name in ("things", "likes", "made_things") for thing in user[name]),
        *(thing for _, thing in members),
        *(int(thing) for thing in nodes["nodes"]),
        *searched["ids"],
        *oracle.category("gadgets")["ids"],
        *oracle.tag("useful")["ids"],
    ]
    visible = [oracle.thing(thing) for thing in set(listed) if oracle.state(thing) == "visible"]
    with_makes = (
        {thing["id"] for thing in visible if thing["id"] in {*searched["ids"]}}
        | {thing for user in users for name in ("things", "likes", "made_things") for thing in user[name]}
        | {thing for _, thing in members}
    )
    catalogue = oracle._catalogue
    # where a thing's own page does not name its parents, only the walk along the edges asks for them
    told = (
        visible
        if "no-ancestors" not in words
        else [thing for thing in visible if str(thing["id"]) in nodes["nodes"]]
    )
    expected: dict[str, set[tuple[Any, ...]]] = {
        f"SELECT id, {', '.join(COLUMNS)} FROM things WHERE detail_scraped IS NOT NULL": {
            (thing["id"], *(thing[name] for name in COLUMNS)) for thing in visible
        },
        "SELECT CAST(subject_id AS INTEGER) FROM tombstones WHERE subject = 'thing'": {
            (thing,) for thing in listed if oracle.state(thing) != "visible"
        },
        "SELECT subject FROM tombstones WHERE subject <> 'thing'": set(),
        "SELECT parent_id, child_id FROM remix_edges WHERE seen_from_child IS NOT NULL": {
            (parent, thing["id"]) for thing in told for parent in thing["ancestors"]
        },
        "SELECT id FROM makes": {
            *((make,) for user in users for make in user["makes"]),
            *((make + 1,) for thing in with_makes for make in catalogue.makes(thing, oracle.day)),
        },
        "SELECT user_id, thing_id FROM likes": {(u["id"], thing) for u in users for thing in u["likes"]},
        "SELECT collection_id, thing_id FROM collection_members": members,
        "SELECT username, follower_count, following_count, thing_count, make_count FROM creators "
        "WHERE profile_scraped IS NOT NULL": {
            (u["username"], u["follower_count"], u["following_count"], u["thing_count"], u["make_count"])
            for u in users
        },
        "SELECT subject, subject_id, name FROM lists WHERE NOT complete AND ended <> 'limit'": set(),
    }
    found = []
    for query, wanted in expected.items():
        stored = tables.rows(query)
        if stored != wanted:
            lost, more = sorted(wanted - stored)[:3], sorted(stored - wanted)[:3]
            found.append(f"{query}: {len(wanted - stored)} lost {lost}, {len(stored - wanted)} more {more}")
    lacking = set(nodes_down(oracle)) - tables.rows("SELECT parent_id, child_id FROM remix_edges")
    if lacking:
        found.append(f"{len(lacking)} edges that lists of remixes name are lost")
    filed = tables.rows("SELECT thing_id, category_slug FROM thing_categories")
    asked = visible if "categories" in words else [one for one in visible if one["id"] in searched["ids"]]
    wanted = {(thing["id"], thing["category_slug"]) for thing in asked}
    if not wanted <= filed:
        found.append(f"{len(wanted - filed)} categories are lost")
    rows = [
        oracle.thing(thing) for thing in oracle.listed("verified", limit=30)["ids"] if thing not in listed
    ]
    downloads = dict(tables.rows("SELECT id, download_count FROM things WHERE detail_scraped IS NULL"))
    for thing in rows:
        expected_count = thing["download_count"] if "row-counts" in words else None
        if downloads.get(thing["id"], "no row") != expected_count:
            found.append(f"thing {thing['id']}: {downloads.get(thing['id'], 'no row')} downloads by its row")
    return found


def nodes_down(oracle: Oracle) -> list[tuple[int, int]]:
    """Edges that the lists of remixes of the inner generations name."""
    nodes = oracle.remixes([oracle.hubs(1)[0]], depth=1)["nodes"]
    return [
        (edge[0], edge[1])
        for thing in map(int, nodes)
        for kind in ("edges", "beyond")
        for edge in oracle.remixes([thing], direction="children", depth=0)[kind]
    ]


def wrong_requests(bench: Bench) -> Counter[str]:
    """Requests for an address that the API does not have, by the name of the list."""
    missed = [entry.target for entry in bench.sandbox.journal if entry.status == 404]
    named = [target.split("?")[0].rsplit("/", 1)[1] for target in missed if target.count("/") == 3]
    return Counter(named)


def tried(folder: Path, world: frozenset[str]) -> tuple[list[str], Counter[str], int]:
    """Crawl with every spider; returns what is wrong, the wrong requests, and all requests."""
    with bench(folder, things=THINGS, vocabulary=world) as crawls:
        oracle = crawls.sandbox.oracle
        line = [str(Path(__file__).parent / "several_crawls.py"), json.dumps(crawls_of(oracle))]
        ended = run(line, ROOT, crawls.environment)
        assert ended.returncode == 0, ended.stderr
        verdicts = ended.stdout.splitlines()
        assert len(verdicts) == len(crawls_of(oracle)), ended.stdout
        found = [said for said in verdicts if not said.startswith(("complete", "paused"))]
        return (
            found + flaws(Tables(crawls), oracle, world),
            wrong_requests(crawls),
            len(crawls.paths),
        )


@pytest.mark.parametrize("world", FEW, ids=lambda world: "+".join(sorted(world)) or "specification")
def test_the_tables_are_the_oracle_s_in_worlds_where_any_two_words_meet(tmp_path, world):
    found, wrong, _ = tried(tmp_path, world)

    assert found == []
    assert set(wrong.values()) <= {1}, wrong


@pytest.mark.long
@pytest.mark.parametrize("world", ALL, ids=lambda world: "+".join(sorted(world)) or "specification")
def test_the_tables_are_the_oracle_s_in_every_world(tmp_path, world):
    found, wrong, _ = tried(tmp_path, world)

    assert found == []
    assert set(wrong.values()) <= {1}, wrong
