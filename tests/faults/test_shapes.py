"""Answers that are small on the way and large in memory: a crawl goes on, within its memory."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.shapes import MOST, SHAPES, memory, serving
from tests.support.crawling import Place

MIXED = ("honest", "lists", "texts", "small maps", "just below, maps", "just below, wide text")
"""By turns; the first, the fifth and the sixth are answers like any other."""
GOOD = ("honest", *(name for name in SHAPES if name.startswith("just below") and "lists" not in name))


def crawl(folder: Path, number: int, *shapes: str) -> tuple[int, float, list[int], int]:
    """Exit code, MB at most, the things that were stored and how many requests were given up."""

    def rows(query: str) -> list[int]:
        with closing(sqlite3.connect(folder / "place" / "x.db")) as connection:
            return [row[0] for row in connection.execute(query)]

    with serving(*shapes) as url:
        place = Place(folder / "place", url)
        things = ",".join(str(thing) for thing in range(1, number + 1))
        fast = ("-s", "TV_QUOTA=100000/1s", "-s", "TV_QUOTA_SPREAD=False", "-s", "TV_MAX_ATTEMPTS=1")
        run = place.scrapy("crawl", "remixes", "-a", f"thing={things}", "-a", "depth=1", *fast)
        most = 0.0
        try:
            while run.alive:
                most = max(most, memory(run.pid))
                time.sleep(0.02)
            code = run.wait()
        finally:
            place.clear()
    stored = rows("SELECT id FROM things WHERE detail_scraped IS NOT NULL ORDER BY id")
    given_up = rows("SELECT count(*) FROM requests WHERE state IN ('parked', 'quarantined')")
    return code, most, stored, given_up[0]


def test_a_mixture_of_bombs_costs_little_and_hides_no_good_answer(tmp_path):
    code, most, stored, given_up = crawl(tmp_path, 6, *MIXED)

    good = [thing for thing in range(1, 7) if MIXED[thing % len(MIXED)] in GOOD]
    assert stored == good
    assert code == 3
    assert 0 < most < MOST
    assert given_up == 6 - len(good)


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_sixteen_bombs_of_a_kind_at_once(tmp_path, shape):
    code, most, stored, _ = crawl(tmp_path, 16, shape)

    assert stored == (list(range(1, 17)) if shape in GOOD else [])
    assert code == (0 if shape in GOOD else 3)
    assert 0 < most < MOST
