"""A backup that was made while a crawl runs is whole, and the crawl goes on from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.crawling import QUERY, Place, until
from tests.support.truth import Truth, flaws_of_database
from tvspiders.sandbox.running import RunningSandbox


def vacuum_into(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))


def backup(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database, timeout=60)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


@pytest.mark.parametrize(
    ("make", "journal"),
    [
        (vacuum_into, "delete"),
        pytest.param(vacuum_into, "wal", marks=pytest.mark.long),
        pytest.param(backup, "delete", marks=pytest.mark.long),
        pytest.param(backup, "wal", marks=pytest.mark.long),
    ],
)
def test_a_crawl_goes_on_from_a_backup_that_was_made_while_it_ran(
    new_place: Callable[..., Place], sandbox: RunningSandbox, make: Callable[[Path, Path], None], journal: str
) -> None:
    place = new_place(TV_SQLITE_JOURNAL=journal)
    copy = place.folder / "copy.db"
    sandbox.hold(after=100)
    run = place.crawl(pages=8)
    until(lambda: sandbox.waiting)
    make(place.folder / "x.db", copy)
    assert run.alive
    run.kill()
    sandbox.release()

    with closing(sqlite3.connect(copy)) as connection:
        checked = connection.execute("PRAGMA integrity_check").fetchall()
        states = dict(connection.execute("SELECT state, count(*) FROM requests GROUP BY state").fetchall())
    place.environment["DATABASE_URL"] = f"sqlite:///{copy}"
    resumed = place.crawl(pages=8)
    code = resumed.wait()
    audit = place.scrapy("audit")

    assert checked == [("ok",)]
    assert states["done"] > 0
    assert states.keys() & {"queued", "leased"}
    assert code == 0, resumed.text
    truth = Truth.of_search(sandbox.oracle, QUERY, 8)
    assert flaws_of_database(f"sqlite:///{copy}", truth) == []
    assert audit.wait() == 0
