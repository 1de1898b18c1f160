"""``scrapy audit`` closes over what a crawl left, and does not when someone took from it."""

from __future__ import annotations

import pytest


def test_a_whole_crawl_closes(crawled):
    ended = crawled("audit")

    assert (ended.code, ended.err) == (0, "")
    assert "15 requests = 15 done" in ended.out
    assert "closes: every request is accounted for" in ended.out
    assert "15 answers brought 14 things (1.07 answers each), 14 new things" in ended.out
    assert "wasted of them: 0" in ended.out
    assert "verdict: complete" in ended.out


@pytest.mark.parametrize("name", ["1", "things"])
def test_a_crawl_is_named_by_number_or_spider(crawled, name):
    ended = crawled("audit", name)

    assert ended.code == 0
    assert "Crawl 1: things" in ended.out


@pytest.mark.parametrize(
    ("statement", "flaw"),
    [
        (
            "DELETE FROM things WHERE id = (SELECT min(id) FROM things WHERE detail_scraped IS NOT NULL)",
            "1 things that the crawl has answers",
        ),
        ("UPDATE requests SET state = 'queued' WHERE id = 3", "called complete, but 1 requests are not"),
        (
            "UPDATE requests SET state = 'vanished' WHERE id = 3",
            "1 requests are in a state that is not known",
        ),
        ("DELETE FROM answers WHERE request_id = 3", "1 answered requests have no stored answer"),
        ("UPDATE requests SET state = 'gone' WHERE id = 3", "gone or hidden without a tombstone"),
    ],
)
def test_a_database_that_was_tampered_with_does_not_close(crawled, statement, flaw):
    crawled.change(statement)

    ended = crawled("audit")

    assert ended.code == 1
    assert flaw in ended.out
    assert "does not close: " in ended.out
    assert "closes: every" not in ended.out


def test_what_is_missing_is_named_with_its_reason(crawled):
    crawled.change(
        "UPDATE requests SET state = 'parked', reason = 'status 500' WHERE id = 3",
    )
    crawled.change("UPDATE crawls SET verdict = 'partial'")
    (path,) = crawled.rows("SELECT path FROM requests WHERE id = 3")[0]

    ended = crawled("audit")

    assert ended.code == 0
    assert path in ended.out
    assert "status 500" in ended.out
    assert "15 requests = 14 done + 1 parked" in ended.out


@pytest.mark.parametrize(
    "command", [("audit", "nobody"), ("export", "--crawl", "nobody"), ("reparse", "nobody")]
)
def test_an_unknown_crawl_is_told_in_one_line(crawled, command):
    ended = crawled(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "tvspiders: no crawl 'nobody' in the database\n"


@pytest.mark.parametrize("command", ["audit", "export", "reparse"])
def test_commands_that_read_make_no_database(shell, command):
    ended = shell(command)

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "there is no database thingiverse.db" in ended.err
    assert not shell.database.exists()


def test_lists_that_differ_from_what_was_stated_are_named(crawled):
    crawled.change(
        "INSERT INTO lists (subject, subject_id, name, stated, received, complete, doubtful) "
        "VALUES ('thing', '40705', 'derivatives', 2754, 0, 1, 0)"
    )
    crawled.change(
        "INSERT INTO crawl_items (crawl_id, kind, key, digest) "
        "VALUES (1, 'list', 'thing>40705>derivatives', x'00')"
    )

    ended = crawled("audit")

    assert ended.code == 0
    assert "different: remixes of thing 40705: 2,754 stated, 0 listed (-2,754)" in ended.out
