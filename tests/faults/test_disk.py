"""No space left, and files that are damaged."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.crawling import Place, Run
from tests.support.truth import Truth, flaws_of_database, flaws_of_feeds
from tvspiders.sandbox.running import RunningSandbox

FAILED = 1


def room(path: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=50m", str(path)], check=True)


def clear_end(run: Run) -> None:
    """The run failed with one line that says why, and without a traceback."""
    assert run.wait() == FAILED, run.line
    assert run.line.startswith("tvspiders: failed: ")
    assert "Traceback" not in run.text


def whole(place: Place, sandbox: RunningSandbox, pages: int) -> None:
    again = place.crawl(pages=pages)
    assert again.wait() == 0, again.line
    truth = Truth.of_search(sandbox.oracle, "box", pages)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []


@pytest.mark.parametrize("journal", ["delete", pytest.param("wal", marks=pytest.mark.long)])
def test_a_full_disk_ends_the_crawl_and_it_goes_on_after(
    new_place: Callable[..., Place], sandbox: RunningSandbox, small_disk: Path, journal: str
) -> None:
    place = new_place(f"sqlite:///{small_disk / 'x.db'}", TV_SQLITE_JOURNAL=journal)

    run = place.crawl(pages=4)

    clear_end(run)
    assert "full" in run.line
    assert "make room" in run.line
    room(small_disk)
    whole(place, sandbox, 4)


@pytest.mark.long
def test_a_file_that_may_not_grow_ends_the_crawl_too(place: Place, sandbox: RunningSandbox) -> None:
    if shutil.which("prlimit") is None:
        pytest.skip("prlimit is not installed")

    run = place.crawl(pages=4, prefix=("prlimit", "--fsize=600000"))

    clear_end(run)
    whole(place, sandbox, 4)


def test_a_feed_on_a_full_disk_ends_the_crawl_and_is_whole_after(
    place: Place, sandbox: RunningSandbox, small_disk: Path
) -> None:
    with contextlib.suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as file:
        file.write(b"x" * 870_000)
    place.feed = small_disk / "out.jsonl"

    run = place.crawl(feed=str(place.feed), pages=4)

    clear_end(run)
    assert "feed" in run.line
    room(small_disk)
    again = place.crawl(feed=str(place.feed), pages=4)
    assert again.wait() == 0, again.line
    truth = Truth.of_search(sandbox.oracle, "box", 4)
    assert flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth) == []


def flip(path: Path) -> None:
    """Spoil the pages with the tables' content, not the header."""
    with path.open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(os.urandom(64))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096 + 100)


def overwrite(path: Path) -> None:
    path.write_bytes(b"these are the notes of somebody else" * 1000)


def empty(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(flip, marks=pytest.mark.long),
        pytest.param(cut, marks=pytest.mark.long),
        pytest.param(overwrite, marks=pytest.mark.long),
        empty,
    ],
)
def test_a_damaged_database_is_refused_and_left_alone(
    place: Place, sandbox: RunningSandbox, damage: Callable[[Path], None]
) -> None:
    first = place.crawl("-a", "max_requests=12", pages=1)
    assert first.wait() == 0, first.line
    path = place.folder / "x.db"
    damage(path)
    before, asked = path.read_bytes(), sandbox.counters["requests"]

    run = place.crawl(pages=1)

    assert run.wait() == FAILED
    assert "x.db" in run.line
    assert "backup" in run.line
    assert path.read_bytes() == before
    assert sandbox.counters["requests"] == asked
