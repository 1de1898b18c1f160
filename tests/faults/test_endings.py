"""A crawl that loses its database says what it knows, which database that was, and the way on."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from tests.faults.server import Server
from tests.faults.syscalls import why_not
from tests.support.crawling import Place, Run, until
from tvspiders.sandbox.running import RunningSandbox

FAILED, INTERRUPTED = 1, 4
KNOWN = re.compile(r"; this run stored ([\d,]+) answers? before that$")


def health_of(place: Place) -> dict[str, Any]:
    lines = (place.folder / "health.jsonl").read_text().splitlines()
    return dict(json.loads(lines[-1]))


def tells_what_it_knows(place: Place, run: Run, stored: int) -> None:
    """Line, health record and statistics have the figures that are known, and no others."""
    known = KNOWN.search(run.line)
    assert known, run.line
    assert int(known[1].replace(",", "")) == stored
    assert "Traceback" not in run.text
    assert "Error:" not in run.line
    assert "'tv/requests/done'" not in run.text
    health = health_of(place)
    assert health["counts"] is None
    assert health["goes_on"]
    assert health["reason"] in run.line
    assert (health["exit_code"], health["requests"] >= stored) == (run.wait(), True)


def stored_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    query = "SELECT count(*) FROM requests WHERE state IN ('done', 'gone')"
    (number,) = connection.execute(query).fetchone()
    connection.close()
    return int(number)


@pytest.mark.parametrize("journal", ["delete", pytest.param("wal", marks=pytest.mark.long)])
def test_a_full_disk(
    new_place: Callable[..., Place],
    sandbox: RunningSandbox,
    small_disk: Path,
    journal: str,
) -> None:
    path = small_disk / "x.db"
    place = new_place(f"sqlite:///{path}", TV_SQLITE_JOURNAL=journal)

    run = place.crawl(pages=4, TV_HEALTH_FILE="health.jsonl")

    assert run.wait() == FAILED, run.line
    assert f"failed: database {path} cannot be written: " in run.line
    assert "full; make room on its disk, then run the same command again; " in run.line
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    if health_of(place)["counts"] is None:
        tells_what_it_knows(place, run, stored_in(path))
    else:  # the end itself found room
        assert f"; {stored_in(path)} requests answered; " in run.line


def test_a_disk_that_is_full_before_anything_is_asked(
    new_place: Callable[..., Place],
    sandbox: RunningSandbox,
    small_disk: Path,
) -> None:
    path = small_disk / "x.db"
    place = new_place(f"sqlite:///{path}")
    (small_disk / "ballast").write_bytes(b"x" * 860_000)

    run = place.crawl(pages=1, TV_HEALTH_FILE="health.jsonl")

    assert run.wait() == FAILED
    assert f"database {path} cannot be written: database or disk is full; make room on its disk" in run.line
    assert "counts" not in health_of(place)
    assert sandbox.counters["requests"] == 0


@pytest.mark.parametrize(
    ("call", "first", "error", "said"),
    [
        ("pwrite64", 40, "ENOSPC", "database or disk is full; make room on its disk"),
        pytest.param(
            "pwrite64",
            40,
            "EIO",
            "disk I/O error; see that its folder and disk can be written",
            marks=pytest.mark.long,
        ),
        ("openat", 5, "EROFS", "unable to open database file; see that its folder and disk can be written"),
        pytest.param("fdatasync", 5, "EIO", "disk I/O error; see that ", marks=pytest.mark.long),
    ],
)
def test_a_disk_that_fails_until_the_end(
    new_place: Callable[..., Place], sandbox: RunningSandbox, call: str, first: int, error: str, said: str
) -> None:
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    place = new_place(TV_SQLITE_JOURNAL="delete")
    path = place.folder / "x.db"
    assert place.crawl("-a", "max_requests=5", pages=2).wait() == 0
    inject = f"inject={call}:error={error}:when={first}+"
    failing = f"{path}-journal" if call == "openat" else str(path)
    traced = ("strace", "-f", "-o", "/dev/null", "-P", failing, "-e", f"trace={call}", "-e", inject)
    before = stored_in(path)

    run = place.crawl(pages=2, prefix=traced, TV_HEALTH_FILE="health.jsonl")

    assert run.wait() == FAILED, run.line
    assert f"failed: database {path} cannot be written: {said}" in run.line
    tells_what_it_knows(place, run, stored_in(path) - before)


def test_a_locked_database_at_the_end(place: Place, sandbox: RunningSandbox) -> None:
    path = place.folder / "x.db"
    sandbox.hold(after=20)
    run = place.crawl(pages=2, TV_HEALTH_FILE="health.jsonl")
    until(lambda: sandbox.waiting)
    other = sqlite3.connect(path, isolation_level=None, timeout=10)
    other.execute("BEGIN EXCLUSIVE")
    sandbox.release()

    run.signal(signal.SIGTERM)

    assert run.wait() == INTERRUPTED, run.line
    other.execute("ROLLBACK")
    other.close()
    assert f"interrupted: stopped by a signal, and database {path} " in run.line
    assert "run the same command again" in run.line
    tells_what_it_knows(place, run, stored_in(path))


def test_a_server_that_is_away_at_the_end(
    new_place: Callable[..., Place], sandbox: RunningSandbox, server: Server, server_url: str
) -> None:
    place = new_place(server_url)
    sandbox.hold(after=40)
    run = place.crawl(pages=4, TV_HEALTH_FILE="health.jsonl")
    until(lambda: sandbox.waiting)
    server.crash()
    sandbox.release()
    try:
        run.signal(signal.SIGTERM)
        assert run.wait() == INTERRUPTED, run.line
    finally:
        server.start()

    assert f"interrupted: stopped by a signal, and database {make_url(server_url).database} on " in run.line
    with psycopg.connect(server_url) as connection:
        query = "SELECT count(*) FROM requests WHERE state IN ('done', 'gone')"
        (number,) = connection.execute(query).fetchone() or (0,)
    tells_what_it_knows(place, run, number)


def test_a_table_that_is_taken_away(
    new_place: Callable[..., Place], sandbox: RunningSandbox, postgresql_url: str
) -> None:
    place = new_place(postgresql_url)
    sandbox.hold(after=40)
    run = place.crawl(pages=4, TV_QUOTA_SHARED="False", TV_HEALTH_FILE="health.jsonl")
    until(lambda: sandbox.waiting)
    with psycopg.connect(postgresql_url) as connection:
        connection.execute("DROP TABLE requests")
    sandbox.release()

    assert run.wait() == FAILED, run.line
    assert f"failed: database {make_url(postgresql_url).database} on " in run.line
    assert 'relation "requests" does not exist' in run.line
    assert KNOWN.search(run.line)
    assert health_of(place)["counts"] is None
