"""Reports on crawls of the sandbox, against what the sandbox knows to be true."""

from __future__ import annotations

import json
import os

import networkx as nx
import pytest
from filelock import FileLock
from sqlalchemy import text

from tests.extras.analytics.book import Book, values
from tests.support.bench import Bench
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.running import running
from tvspiders.storage.database.engine import open_engine

QUERY = "planters"


CONFIG = SandboxConfig(things=3000)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Reports after one crawl, and after a second one a virtual week later; workers share the crawls."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "truth"
    folder.mkdir(exist_ok=True)
    told = folder / "once.json"
    with FileLock(folder / "lock"):
        if not told.exists():
            told.write_text(json.dumps(_crawl_twice(folder)))
    book = Book(f"sqlite:///{folder / 'crawl.db'}")
    return book, json.loads(told.read_text()), Oracle(CONFIG, 0), Oracle(CONFIG, 7)


def _crawl_twice(folder):
    with running(CONFIG) as sandbox:
        bench = Bench(sandbox, folder)
        assert bench.crawl("things", query=QUERY).code == 0
        once = Book(bench.database).report("trends")
        sandbox.advance(7)
        assert bench.crawl("things", query=QUERY).code == 0
    return once


def test_after_one_crawl_nothing_rises(crawled):
    _, once, _, _ = crawled

    assert once["trends"]["rising"] == []
    assert once["trends"]["rising_creators"] == []
    assert once["trends"]["new_to_us"]


def test_after_two_crawls_the_ranking_is_that_of_the_true_gains(crawled):
    book, _, before, after = crawled
    gains = {}
    for thing in set(before.search(QUERY)["visible"]) & set(after.search(QUERY)["visible"]):
        gain = after.thing(thing)["download_count"] - before.thing(thing)["download_count"]
        if gain > 0:
            gains[thing] = gain
    expected = sorted(gains.items(), key=lambda found: (-found[1], found[0]))

    found = book.report("trends", top=1000)["trends"]["rising"]

    assert [(row["thing_id"], row["gain"]) for row in found] == expected
    assert len(expected) >= 20


def test_the_network_is_that_of_the_oracle(crawled):
    book, _, before, after = crawled
    edges = {tuple(edge) for oracle in (before, after) for edge in oracle.search(QUERY)["edges"]}
    visible = {thing for oracle in (before, after) for thing in oracle.search(QUERY)["visible"]}
    theirs = nx.DiGraph(sorted(edges))
    theirs.add_nodes_from(visible)
    theirs.remove_edges_from(list(nx.selfloop_edges(theirs)))

    report = book.report("structure", "influence", top=1000)

    shape = values(report["structure"]["shape"])
    collapsed = nx.condensation(theirs)
    assert shape["edges"] == theirs.number_of_edges()
    assert shape["merges"] == sum(degree > 1 for _, degree in theirs.in_degree())
    assert shape["longest_lineage"] == nx.dag_longest_path_length(collapsed)
    assert shape["largest_component"] == max(map(len, nx.weakly_connected_components(theirs)))
    assert {row["thing_id"]: row["descendants"] for row in report["influence"]["things"]} == {
        thing: count for thing in theirs if (count := len(nx.descendants(theirs, thing)))
    }


def test_sums_by_tag_are_those_of_the_oracle(crawled):
    book, _, _, after = crawled
    expected: dict[str, list[int]] = {}
    for thing in after.search(QUERY)["visible"]:
        told = after.thing(thing)
        for tag in set(told["tags"]):
            expected.setdefault(tag, []).append(told["download_count"])

    rows = book.report("tags", top=10_000)["tags"]["sums"]

    found = {row["tag"]: row["downloads"] for row in rows}
    gone = set(found) - set(expected)
    for tag, downloads in expected.items():
        assert found[tag] >= sum(downloads), tag
    assert len(gone) <= 5


GUIDE = {
    "rising": (
        "SELECT t.name, MAX(s.download_count) - MIN(s.download_count) AS gain FROM download_snapshots s "
        "JOIN things t ON t.id = s.thing_id GROUP BY t.id, t.name ORDER BY gain DESC LIMIT 5"
    ),
    "remixed": (
        "SELECT t.id, COUNT(e.child_id) FROM things t JOIN remix_edges e ON e.parent_id = t.id "
        "GROUP BY t.id ORDER BY 2 DESC LIMIT 5"
    ),
    "creators": "SELECT username, follower_count FROM creators ORDER BY follower_count DESC LIMIT 5",
}


def test_sql_of_older_scripts_gives_right_answers(crawled):
    book, _, before, after = crawled
    engine = open_engine(book.url)
    with engine.connect() as connection:
        found = {name: connection.execute(text(query)).all() for name, query in GUIDE.items()}
        ancestors = connection.execute(
            text("SELECT id, ancestors FROM things WHERE ancestors IS NOT NULL")
        ).all()
    engine.dispose()

    best = max(
        after.thing(thing)["download_count"] - before.thing(thing)["download_count"]
        for thing in set(before.search(QUERY)["visible"]) & set(after.search(QUERY)["visible"])
    )
    assert found["rising"][0][1] == best
    assert len(found["creators"]) == 5
    for thing, parents in ancestors[:50]:
        if after.state(thing) == "visible":
            assert sorted(json.loads(parents)) == sorted(after.thing(thing)["ancestors"])


def test_a_report_on_postgresql_says_the_same(family, postgresql_url):
    from sqlalchemy import insert, select

    from tvspiders.storage import tables
    from tvspiders.storage.database.engine import writing
    from tvspiders.storage.database.schema import prepare_schema

    family.snapshots(1, ("2026-11-01", 10), ("2026-11-08", 30))
    seen = {"first_seen": "2026-10-01T00:00:00.000+00:00"}
    family.rows(
        tables.tombstones,
        {"subject": "thing", "subject_id": "91", "reason": "gone"} | seen,
        {"subject": "user", "subject_id": "MakerBot", "reason": "gone"} | seen,
    )
    family.rows(tables.thing_tags, {"thing_id": 3, "tag": "customized"}, {"thing_id": 1, "tag": "Ärger"})
    family.rows(tables.categories, {"slug": "art", "name": "Art"})
    family.rows(tables.thing_categories, {"thing_id": 1, "category_slug": "art"})
    family.rows(tables.creators, {"id": 11, "username": "ann", "thing_count": 9})
    copied = (
        *(tables.things, tables.remix_edges, tables.download_snapshots, tables.tombstones, tables.thing_tags),
        *(tables.categories, tables.thing_categories, tables.creators),
    )
    source, target = open_engine(family.url), open_engine(postgresql_url)
    prepare_schema(target)
    with source.connect() as old, writing(target) as new:
        for table in copied:
            new.execute(insert(table), [dict(row) for row in old.execute(select(table)).mappings()])
    source.dispose()
    target.dispose()
    options = {"as_of": "2026-11-09", "customizer": False, "creator": "ann"}
    ours, theirs = family.report(**options), Book(postgresql_url).report(**options)

    ours.pop("generated_at")
    theirs.pop("generated_at")
    assert theirs == ours
    assert ours["trends"]["rising"][0]["gain"] == 20
    assert "(1 gone, 1 without an answer)" in ours["summary"]
