"""One SQLite file and several processes: locks, owners, two crawls at a time."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable

import pytest

from tests.support.crawling import Place, until
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox

LONGER_THAN_SQLITE_WAITS = 3.0


def test_a_lock_of_another_program_is_waited_out(place: Place, sandbox: RunningSandbox) -> None:
    sandbox.hold(after=20)
    run = place.crawl(pages=6)
    until(lambda: sandbox.waiting)
    other = sqlite3.connect(place.folder / "x.db", isolation_level=None, timeout=10)
    other.execute("BEGIN EXCLUSIVE")
    sandbox.release()
    time.sleep(LONGER_THAN_SQLITE_WAITS)
    asked = sandbox.counters["requests"]
    other.execute("ROLLBACK")
    other.close()

    assert run.wait() == 0, run.line
    truth = Truth.of_search(sandbox.oracle, "box", 6)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []
    assert asked < truth.requests
    assert sandbox.counters["duplicates"] == 0


def test_a_second_process_of_a_crawl_names_the_owner(place: Place, sandbox: RunningSandbox) -> None:
    sandbox.hold(after=0)
    first = place.crawl(pages=17)
    until(lambda: sandbox.waiting)  # the first page, and nothing else can be asked before it
    before = sandbox.counters["requests"]

    second = place.crawl(pages=17, feed="other.jsonl")

    assert second.wait() == 1
    assert f"process {first.pid} on " in second.line
    assert sandbox.counters["requests"] == before
    first.kill()


@pytest.mark.parametrize("left", [pytest.param("empty", marks=pytest.mark.long), "with our number"])
def test_the_lock_of_a_dead_process_does_not_block(place: Place, sandbox: RunningSandbox, left: str) -> None:
    sandbox.hold(after=3)
    run = place.crawl(pages=1)
    until(lambda: sandbox.waiting)
    run.kill()
    sandbox.release()
    (lock,) = place.folder.glob("x.db.*.lock")
    if left == "with our number":
        lock.write_text(str(os.getpid()))  # a process that lives, but never had the crawl

    again = place.crawl(pages=1)

    assert again.wait() == 0, again.line


@pytest.mark.parametrize("journal", [pytest.param("delete", marks=pytest.mark.long), "wal"])
def test_two_crawls_share_a_file(
    new_place: Callable[..., Place], sandbox: RunningSandbox, journal: str
) -> None:
    place = new_place(TV_SQLITE_JOURNAL=journal)
    words = ("box", "modular")
    runs = [place.crawl(query=word, pages=2, feed=f"{word}.jsonl") for word in words]

    assert [run.wait() for run in runs] == [0, 0], [run.line for run in runs]
    found = [Truth.of_search(sandbox.oracle, word, 2) for word in words]
    both = Truth(
        found[0].things | found[1].things,
        found[0].missing | found[1].missing,
        found[0].edges | found[1].edges,
        found[0].requests + found[1].requests,
    )
    flaws = [flaw for flaw in flaws_of_database(place.database, both) if not flaw.startswith("verdicts")]
    # A thing that both searches find is asked by both, and gone for both.
    assert [flaw for flaw in flaws if not flaw.startswith("requests are")] == []
    for word, truth in zip(words, found, strict=True):
        assert flaws_of_feeds([place.folder / f"{word}.jsonl"], truth) == []
