"""``scrapy reparse`` reads stored answers again, without the network."""

from __future__ import annotations

import zlib

COLUMNS = "id, name, license, download_count, tags, last_scraped"


def test_what_a_column_lost_comes_back(crawled):
    before = crawled.rows(f"SELECT {COLUMNS} FROM things ORDER BY id")
    crawled.change("UPDATE things SET license = NULL, download_count = NULL, tags = NULL")

    ended = crawled("reparse")

    assert (ended.code, ended.err) == (0, "")
    assert "15 stored answers read again" in ended.out
    assert "0 understood for the first time, 0 not understood" in ended.out
    assert crawled.rows(f"SELECT {COLUMNS} FROM things ORDER BY id") == before
    assert crawled.sandbox.counters["requests"] == 0


def test_reading_again_adds_no_row(crawled):
    tables = ("things", "creators", "remix_edges", "download_snapshots", "requests", "answers", "crawl_items")
    before = [crawled.rows(f"SELECT count(*) FROM {name}") for name in tables]

    crawled("reparse", "1")

    assert [crawled.rows(f"SELECT count(*) FROM {name}") for name in tables] == before
    assert crawled("audit").code == 0


def test_a_quarantined_answer_that_is_understood_now_counts(crawled):
    thing, request = crawled.rows(
        "SELECT t.id, r.id FROM requests r JOIN things t ON r.path = '/things/' || t.id ORDER BY 1 LIMIT 1"
    )[0]
    crawled.change("DELETE FROM things WHERE id = ?", thing)
    crawled.change("DELETE FROM crawl_items WHERE kind = 'thing' AND key = ?", str(thing))
    crawled.change("UPDATE requests SET state = 'quarantined' WHERE id = ?", request)
    crawled.change("UPDATE answers SET refused = 'not-json' WHERE request_id = ?", request)
    crawled.change("UPDATE crawls SET verdict = 'partial'")

    ended = crawled("reparse", "things")

    assert "1 understood for the first time, 0 not understood" in ended.out
    assert crawled.rows("SELECT state FROM requests WHERE id = ?", request) == [("done",)]
    assert crawled.rows("SELECT count(*) FROM things WHERE id = ?", thing) == [(1,)]
    assert crawled("audit").code == 0


def test_an_answer_that_was_damaged_on_disk_is_told_in_one_line(crawled):
    crawled.change("UPDATE answers SET body = x'00' WHERE request_id = 3")

    ended = crawled("reparse")

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "a stored answer is damaged" in ended.err


def test_an_answer_that_still_makes_no_sense_stays_quarantined(crawled):
    crawled.change("UPDATE requests SET state = 'quarantined' WHERE id = 3")
    crawled.change(
        "UPDATE answers SET refused = 'not-json', body = ? WHERE request_id = 3",
        zlib.compress(b"<html>", 1),
    )

    ended = crawled("reparse")

    assert (ended.code, ended.err) == (0, "")
    assert "1 not understood" in ended.out
    assert crawled.rows("SELECT state FROM requests WHERE id = 3") == [("quarantined",)]
