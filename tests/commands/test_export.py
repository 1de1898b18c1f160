"""``scrapy export`` writes rows as JSON Lines, whole files only."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from tests.support.shell import FAST

TABLES = {"thing": "things", "creator": "creators", "edge": "remix_edges", "snapshot": "download_snapshots"}


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_the_whole_database_is_written_each_row_once(crawled):
    ended = crawled("export")

    found = Counter(row["kind"] for row in lines(ended.out))
    assert (ended.code, ended.err) == (0, "")
    assert found == {
        kind: crawled.rows(f"SELECT count(*) FROM {name}")[0][0] for kind, name in TABLES.items()
    }
    assert {row["id"] for row in lines(ended.out) if row["kind"] == "thing"} == {
        row[0] for row in crawled.rows("SELECT id FROM things")
    }


def test_lists_are_lists_and_the_raw_answer_stays_behind(crawled):
    thing = lines(crawled("export", "things").out)[0]

    assert isinstance(thing["tags"], list)
    assert "raw_json" not in thing


@pytest.mark.parametrize("kinds", [["edges"], ["snapshots", "creators"]])
def test_kinds_can_be_chosen(crawled, kinds):
    ended = crawled("export", *kinds)

    assert {row["kind"] + "s" for row in lines(ended.out)} == set(kinds)


def test_one_crawl_can_be_chosen(crawled):
    other = crawled("crawl", "things", "-a", "query=vase", "-a", "crawl=vases", *FAST)

    first = crawled("export", "things", "--crawl", "1")
    named = crawled("export", "things", "--crawl", "vases")
    whole = crawled("export", "things")

    truth = crawled.sandbox.oracle
    assert other.code == 0
    assert {row["id"] for row in lines(first.out)} == set(truth.search("planters")["visible"])
    assert {row["id"] for row in lines(named.out)} == set(truth.search("vase")["visible"])
    answered = [row["id"] for row in lines(whole.out) if row["detail_scraped"]]
    assert sorted(answered) == sorted(
        set(truth.search("planters")["visible"]) | set(truth.search("vase")["visible"])
    )


def test_a_file_appears_when_it_is_whole(crawled):
    target = crawled.folder / "out.jsonl"

    ended = crawled("export", "-o", "out.jsonl")

    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert target.read_text() == crawled("export").out
    assert not list(crawled.folder.glob("*.part"))


def test_an_export_that_fails_leaves_the_older_file_alone(crawled):
    target = crawled.folder / "out.jsonl"
    target.write_text("older\n")
    crawled.change("UPDATE things SET tags = '[' WHERE id = (SELECT max(id) FROM things)")

    ended = crawled("export", "-o", "out.jsonl")

    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert target.read_text() == "older\n"
    assert not list(crawled.folder.glob("*.part"))


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("export hats", 2, "cannot export 'hats'; there are: things, creators, edges, snapshots"),
        ("export -o .", 1, "it is a folder; name a file"),
        ("export -o no/such/folder/x.jsonl", 1, "no/such/folder/x.jsonl: No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_told_in_one_line(crawled, line, code, said):
    ended = crawled(*line.split())

    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
    assert said in ended.err


def test_a_reader_that_has_enough_is_no_error(crawled):
    crawled.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "INSERT INTO download_snapshots (thing_id, download_count, recorded_at, crawl_id) "
        "SELECT 1000000 + i, i, '2026-01-01T00:00:00+00:00', 1 FROM n"
    )
    process = crawled.process("export", "snapshots")

    first = process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()

    assert json.loads(first)["kind"] == "snapshot"
    assert (process.wait(timeout=60), err) == (0, "")


def test_orders_are_written_only_when_they_are_named(crawled):
    with closing(sqlite3.connect(crawled.folder / "thingiverse.db")) as connection, connection:
        connection.execute(
            "INSERT INTO orders (id, dates, first_seen, last_received) VALUES (7, '{}', 'a', 'b')"
        )

    assert [(row["kind"], row["id"], row["dates"]) for row in lines(crawled("export", "orders").out)] == [
        ("order", 7, {})
    ]
    assert "order" not in {row["kind"] for row in lines(crawled("export").out)}
    assert lines(crawled("export", "orders", "--crawl", "1").out) == []
