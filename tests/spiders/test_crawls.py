"""Whole crawls as people start them: processes, a database, kills."""

from __future__ import annotations

import time

import psycopg
import pytest

from tests.support.bench import bench


def one_line(log: str, words: str) -> str:
    found = [line for line in log.splitlines() if words in line]
    assert len(found) == 1, found
    return found[0]


def test_a_remix_crawl_ends_with_what_it_knows_of_the_network(tmp_path):
    with bench(tmp_path) as crawls:
        ended = crawls.crawl("remixes", thing="2,57", depth=1, feed=True)
        expected = crawls.sandbox.oracle.remixes([2, 57], depth=1)

    assert ended.code == 0, ended.log
    edges = {tuple(edge) for edge in expected["edges"] + expected["beyond"]}
    assert set(crawls.rows("SELECT parent_id, child_id FROM remix_edges")) <= edges
    assert {int(thing) for thing in expected["nodes"]} == {
        *crawls.column("SELECT id FROM things WHERE detail_scraped IS NOT NULL"),
        *crawls.column("SELECT CAST(subject_id AS INTEGER) FROM tombstones"),
    }
    line = one_line(ended.log, "Remix network:")
    edges_held = crawls.column("SELECT COUNT(*) FROM remix_edges")[0]
    assert f"{edges_held} edges" in line
    assert "partial" in line
    assert "gone" in line
    assert "1 generation" in line
    seen = {(item["parent_id"], item["child_id"], item["seen_from"]) for item in ended.of("edge")}
    assert len(seen) == len(ended.of("edge"))


def test_answers_larger_than_all_that_is_worked_on_at_once_are_worked_on_one_by_one(tmp_path):
    with bench(tmp_path) as crawls:
        ended = crawls.crawl("remixes", thing="2,57", depth=1, settings={"SCRAPER_SLOT_MAX_ACTIVE_SIZE": 1})
        expected = crawls.sandbox.oracle.remixes([2, 57], depth=1)

    assert ended.code == 0, ended.log
    assert {int(thing) for thing in expected["nodes"]} == {
        *crawls.column("SELECT id FROM things WHERE detail_scraped IS NOT NULL"),
        *crawls.column("SELECT CAST(subject_id AS INTEGER) FROM tombstones"),
    }


def test_an_impossible_argument_ends_the_command_before_any_request(tmp_path):
    with bench(tmp_path) as crawls:
        before = time.monotonic()
        ended = crawls.crawl("categories", category="houshold")
        took = time.monotonic() - before

        assert ended.code == 2
        assert "household" in one_line(ended.log, "tvspiders:")
        assert crawls.paths == []
        assert took < 30


def test_help_prints_the_arguments(tmp_path):
    with bench(tmp_path) as crawls:
        assert crawls.crawl("remixes", help=1).code == 0
        assert crawls.paths == []


@pytest.mark.parametrize(
    ("spider", "arguments"),
    [
        ("remixes", {"thing": "2,57", "depth": "all"}),
        ("categories", {"category": "hobby", "subcategories": "true"}),
        ("users", {"username": "MakerBot", "include": "things,collections,likes,followers"}),
    ],
)
def test_a_killed_crawl_goes_on_and_holds_the_same_as_an_undisturbed_one(tmp_path, spider, arguments):
    (tmp_path / "calm").mkdir()
    (tmp_path / "killed").mkdir()
    with bench(tmp_path / "calm", things=400) as calm:
        assert calm.crawl(spider, **arguments).code == 0
        asked = len(calm.paths)
    with bench(tmp_path / "killed", things=400) as killed:
        killed.kill(asked // 2, spider, **arguments)
        ended = killed.crawl(spider, **arguments)
        again = len(killed.paths) - len(set(killed.paths))

    assert ended.code == 0, ended.log
    assert again <= 16 + 32
    for table, key in {
        "things": "id, remix_count, download_count, tags",
        "remix_edges": "parent_id, child_id",
        "thing_categories": "thing_id, category_slug",
        "likes": "user_id, thing_id",
        "collection_members": "collection_id, thing_id",
        "follows": "follower_id, followed_id",
        "lists": "subject, subject_id, name, total, received",
        "tombstones": "subject, subject_id, reason",
        "download_snapshots": "thing_id, download_count",
    }.items():
        query = f"SELECT {key} FROM {table} ORDER BY {key}"
        assert killed.rows(query) == calm.rows(query), table


def test_remixes_on_postgresql_are_the_oracle_s(tmp_path, postgresql_url):
    roots = "2,6,15,113,487,100,59,57,14,42"
    with bench(tmp_path, postgresql_url) as crawls:
        ended = crawls.crawl("remixes", thing=roots, depth="all")
        expected = crawls.sandbox.oracle.remixes(map(int, roots.split(",")))

    assert ended.code == 0, ended.log
    plain = postgresql_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain) as connection:
        edges = connection.execute("SELECT parent_id, child_id FROM remix_edges").fetchall()
        things = connection.execute("SELECT id FROM things WHERE detail_scraped IS NOT NULL").fetchall()
    assert set(edges) == {tuple(edge) for edge in expected["edges"]}
    assert {number for (number,) in things} == {
        int(thing) for thing, node in expected["nodes"].items() if node["state"] == "visible"
    }
    assert "Remix network:" in ended.log


def test_a_creator_of_more_than_1100_things_is_stored_whole_and_each_thing_once(tmp_path):
    with bench(tmp_path, things=20_000) as crawls:
        ended = crawls.crawl("users", username="prolific_Pia")
        expected = crawls.sandbox.oracle.user("prolific_Pia")
        asked = crawls.paths

    things = expected["things"]
    assert ended.code == 0, ended.log
    assert len(things) > 1100
    assert sorted(crawls.column("SELECT id FROM things WHERE detail_scraped IS NOT NULL")) == sorted(things)
    assert sorted(crawls.column("SELECT thing_id FROM download_snapshots")) == sorted(things)
    assert len(asked) == len(set(asked)) == 1 + -(-len(things) // 30) + len(things)
    stated = expected["thing_count"]
    assert crawls.column("SELECT thing_count FROM creators WHERE username = 'prolific_Pia'") == [stated]
    assert crawls.rows("SELECT stated, received, complete FROM lists") == [(stated, len(things), 1)]
    assert stated != len(things)
    assert f"{stated} stated, {len(things)} listed ({len(things) - stated:+d})" in ended.log
    summary = one_line(ended.log, "Stated and listed numbers differ")
    assert f"{stated:,} stated, {len(things):,} listed" in summary


def test_the_profile_s_number_and_the_list_s_number_are_both_stored(tmp_path):
    with bench(tmp_path, things=3000) as crawls:
        ended = crawls.crawl("users", username="prolific_Pia", details="false")
        expected = crawls.sandbox.oracle.user("prolific_Pia")

    assert ended.code == 0, ended.log
    assert crawls.rows("SELECT stated, total, received, complete FROM lists") == [
        (expected["thing_count"], len(expected["things"]), len(expected["things"]), 1)
    ]
    assert sorted(crawls.column("SELECT id FROM things")) == sorted(expected["things"])
