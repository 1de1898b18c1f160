"""A crawl that began on SQLite goes on in PostgreSQL, and asks nothing twice."""

import json

import pytest
from filelock import FileLock

from tests.support.shell import FAST
from tests.support.truth import Truth, flaws_of_database

CRAWL = ("crawl", "things", "-a", "query=box", "-a", "pages=2", "-o", "things.jsonl", *FAST)


def test_a_crawl_goes_on_where_it_was_moved_to(shell, postgresql_url):
    truth = Truth.of_search(shell.sandbox.oracle, "box", 2)
    paused = shell(*CRAWL, "-a", "max_requests=20")
    before = shell.rows("SELECT count(*) FROM requests")
    moved = shell("migrate-db", "thingiverse.db", DATABASE_URL=postgresql_url)
    finished = shell(*CRAWL, DATABASE_URL=postgresql_url)
    audit = shell("audit", DATABASE_URL=postgresql_url)

    assert (paused.code, moved.code, moved.err, finished.code) == (0, 0, "", 0), finished.err
    assert "rows copied; thingiverse.db is as it was" in moved.out
    assert f"requests │ {before[0][0]}" in " ".join(moved.out.split()).replace("│ requests", "requests")
    assert flaws_of_database(postgresql_url, truth) == []
    assert shell.sandbox.counters["requests"] == truth.requests
    assert audit.code == 0
    lines = [json.loads(line) for line in (shell.folder / "things.jsonl").read_text().splitlines()]
    things = [line["id"] for line in lines if line["kind"] == "thing"]
    assert sorted(things) == sorted(truth.things)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name one SQLite file"),
        (("a.db", "b.db"), 2, "name one SQLite file"),
        (("no-such.db",), 1, "there is no database no-such.db"),
    ],
)
def test_what_cannot_be_moved_is_told(shell, postgresql_url, arguments, code, said):
    ended = shell("migrate-db", *arguments, DATABASE_URL=postgresql_url)

    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
    assert said in ended.err


def test_it_goes_to_postgresql_only(crawled):
    ended = crawled("migrate-db", "thingiverse.db")

    assert (ended.code, ended.out) == (2, "")
    assert "set DATABASE_URL to the PostgreSQL database" in ended.err


def test_a_server_that_is_away_is_told_without_its_password(crawled):
    ended = crawled("migrate-db", "thingiverse.db", DATABASE_URL="postgresql://u:pass-word@127.0.0.1:1/d")

    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "database d on 127.0.0.1:1 cannot be reached" in ended.err
    assert "pass-word" not in ended.err


def test_a_crawl_that_is_being_run_is_not_moved(crawled, postgresql_url):
    with FileLock(f"{crawled.database}.0123456789abcdef0123.lock"):
        ended = crawled("migrate-db", "thingiverse.db", DATABASE_URL=postgresql_url)

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "a crawl is being run in thingiverse.db; stop it first" in ended.err


def test_a_second_move_is_refused(crawled, postgresql_url):
    crawled("migrate-db", "thingiverse.db", DATABASE_URL=postgresql_url)

    ended = crawled("migrate-db", "thingiverse.db", DATABASE_URL=postgresql_url)

    assert (ended.code, ended.out) == (1, "")
    assert "the new database is not empty" in ended.err
