"""Figures of ours that need nobody to compare with: growth, queue, upserts, start.

python -m benchmarks.single --rounds 3 --large 50000
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.contest import spread
from benchmarks.processes import ROOT, crawl, environment, sandbox
from benchmarks.resume import fill
from benchmarks.tables import machine, table
from tvspiders.items import Thing
from tvspiders.storage import tables
from tvspiders.storage.catalogue.things import write_things
from tvspiders.storage.catalogue.to_rows import Rows, add_rows
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.schema import prepare_schema

CATEGORY = ("categories", "-a", "category=household")
"""A list without the window of searches."""
BATCH, ROWS = 500, 10_000


def growth(url: str, folder: Path, rounds: int, large: int) -> list[tuple[str, ...]]:
    """CPU a thing and peak memory at 2,000 and at many things, without the start."""
    small, peaks, ratios = [], [], []
    for number in range(rounds):
        found = {}
        for pages in (1, 67, large // 30):
            cost = crawl(url, folder / f"{number}-{pages}", "-a", f"pages={pages}", spider=CATEGORY)
            found[pages] = cost
            with closing(sqlite3.connect(folder / f"{number}-{pages}" / "x.db")) as connection, connection:
                things = connection.execute("SELECT count(*) FROM things").fetchone()[0]
            if things < pages * 25:
                raise SystemExit(f"only {things} things on {pages} pages")
        begin = found[1].cpu
        each = {pages: 1000 * (found[pages].cpu - begin) / (30 * (pages - 1)) for pages in found if pages > 1}
        small.append(each[67])
        ratios.append(each[large // 30] / each[67])
        peaks.append(found[large // 30].peak)
    return [
        ("CPU a thing at 2,000 things, start taken out", f"{spread(small)} ms", ""),
        (f"the same at {large:,} against 2,000", f"{spread(ratios)} ×", "within 10 %"),
        (f"peak memory at {large:,} things", f"{spread(peaks, 0)} MB", ""),
    ]


def queue(url: str, folder: Path, queued: int = 1_000_000) -> list[tuple[str, ...]]:
    """Peak memory with a thousand and with a million requests queued."""
    peaks = []
    for number in (1_000, queued):
        place = folder / f"queue-{number}"
        crawl(url, place, "-a", "query=box", "-a", "max_requests=20")
        fill(place / "x.db", number, 0)
        peaks.append(crawl(url, place, "-a", "query=box", "-a", "max_requests=500").peak)
    grown = (peaks[1] - peaks[0]) * 1e6 / queued
    return [("growth of peak memory per 1,000,000 queued requests", f"{grown:.0f} MB", "≤ 25 MB")]


def upserts(folder: Path, rounds: int) -> list[tuple[str, ...]]:
    """Things written a second with all columns, indexes, tags and snapshots, against one raw transaction."""
    ratios, rates = [], []
    raw = json.dumps({"description": "".join(f"{n:x}" for n in range(1500))})
    for number in range(rounds):
        engine = open_engine(f"sqlite:///{folder / f'upserts-{number}.db'}")
        prepare_schema(engine)
        batches = [_rows(start, raw) for start in range(0, ROWS, BATCH)]

        def ours(connection: Connection, rows: list[dict[str, object]]) -> None:
            write_things(connection, rows, 1)

        began = time.perf_counter()
        for batch in batches:
            with writing(engine) as connection:
                ours(connection, batch)
        mine = ROWS / (time.perf_counter() - began)
        engine.dispose()
        ratios.append(mine / _raw(folder / f"raw-{number}.db", batches))
        rates.append(mine)
    return [
        (f"upserts a second, batches of {BATCH}", spread(rates, 0), ""),
        ("the same against one raw transaction without indexes", f"{spread(ratios)} ×", "≥ 0.35 ×"),
    ]


def _rows(start: int, raw: str) -> list[dict[str, object]]:
    rows: Rows = {}
    for n in range(start, start + BATCH):
        thing = Thing(id=n + 1, name=f"thing {n}", creator=f"user {n % 700}", like_count=n, make_count=n % 7)
        thing.detail, thing.last_scraped, thing.tags = (
            True,
            "2026-11-21T07:00:00+00:00",
            ["box", f"t{n % 90}"],
        )
        thing.download_count, thing.url = 3 * n, f"https://www.thingiverse.com/thing:{n}"
        add_rows(thing, rows, raw)
    return rows[tables.things]


def _raw(path: Path, batches: list[list[dict[str, object]]]) -> float:
    """Rows a second of plain ``executemany`` into a table without any index, in one transaction."""
    names = list(batches[0][0])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"CREATE TABLE things ({', '.join(names)}, PRIMARY KEY (id))")
        rows = [tuple(row.values()) for batch in batches for row in batch]
        began = time.perf_counter()
        marks = ", ".join("?" * len(names))
        connection.executemany(f"INSERT OR REPLACE INTO things VALUES ({marks})", rows)
        connection.commit()
        return ROWS / (time.perf_counter() - began)


def start(folder: Path, rounds: int) -> list[tuple[str, ...]]:
    """CPU from the command to the moment at which the first request arrives."""
    import urllib.request

    used = []
    with sandbox(1000, "--control", "--latency", "1500") as url:
        for number in range(rounds + 1):
            place = folder / f"start-{number}"
            place.mkdir()
            (place / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text())
            _post(f"{url}/_sandbox/reset")
            command = [
                sys.executable,
                "-m",
                "scrapy",
                "crawl",
                "things",
                "-a",
                "query=box",
                "-a",
                "max_requests=1",
            ]
            process = subprocess.Popen(
                command, cwd=place, env=environment(url, place / "x.db"), stderr=subprocess.DEVNULL
            )
            while process.poll() is None:
                with urllib.request.urlopen(f"{url}/_sandbox/counters") as answer:
                    if json.load(answer)["requests"]:
                        break
                time.sleep(0.01)
            spent = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            if number:  # the first one compiles the modules
                used.append((int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK"))
            process.terminate()
            process.wait(20)
    return [("CPU from `scrapy crawl` to the first request", f"{spread(used)} s", "≤ 1.0 s")]


def _post(address: str) -> None:
    import urllib.request

    with urllib.request.urlopen(urllib.request.Request(address, method="POST")):
        return


def text(rounds: int, large: int) -> str:
    """The table of ``docs/performance.md``."""
    with tempfile.TemporaryDirectory() as name, sandbox() as url:
        folder = Path(name)
        parts: list[Callable[[], list[tuple[str, ...]]]] = [
            lambda: start(folder, rounds),
            lambda: growth(url, folder, rounds, large),
            lambda: queue(url, folder),
            lambda: upserts(folder, rounds),
        ]
        rows = [row for part in parts for row in part()]
    return f"{rounds} rounds, median (least to most). {machine()}.\n\n" + table(
        ("figure", "measured", "goal"), rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", type=int, default=50_000, help="things of the large crawl")
    options = parser.parse_args()
    print(text(options.rounds, options.large))


if __name__ == "__main__":
    main()
