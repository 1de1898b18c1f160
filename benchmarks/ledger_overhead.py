"""What the ledger costs: CPU per request with it and without, measured in pairs.

    python -m benchmarks.ledger_overhead --pairs 5

The same crawl of the sandbox is run with the ledger, and with Scrapy's own memory
scheduler and a plain batch pipeline that writes the same items into the same tables (100
items a transaction, known ones dropped; no frontier, no stored answers, no resuming).
CPU is user and system time of the crawling process. Its start is taken out by measuring a
short and a long crawl: (long - short) / (requests long - requests short).
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from tvspiders.items import Item, Source
from tvspiders.storage.engine import open_engine, writing
from tvspiders.storage.units import Unit, key_text, write_again

SHORT, LONG = 2, 34
"""Pages of the two crawls; 31 requests each."""


class PlainPipeline:
    """Writes items in batches, as many a Scrapy project does."""

    def __init__(self, crawler: Crawler) -> None:
        self.engine = open_engine(crawler.settings["DATABASE_URL"])
        self.items: list[Item] = []
        self.known: set[tuple[str, str]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PlainPipeline:
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        name = type(item).__name__, key_text(item)
        if name in self.known:
            raise DropItem("known", log_level="DEBUG")
        self.known.add(name)
        item.stamp(Source(0, datetime.now(UTC).isoformat(timespec="milliseconds")))
        self.items.append(item)
        if len(self.items) >= 100:
            self.write()
        return item

    def close_spider(self) -> None:
        self.write()

    def write(self) -> None:
        with writing(self.engine) as connection:
            write_again(connection, 0, [Unit(0, items=self.items)])
        self.items.clear()


PLAIN = {
    "SCHEDULER": "scrapy.core.scheduler.Scheduler",
    "ITEM_PIPELINES": '{"benchmarks.ledger_overhead.PlainPipeline": 900}',
}


def cpu(place: Any, pages: int, plain: bool) -> float:
    """Seconds of CPU that one crawl takes."""
    run = place.crawl(pages=pages, TV_PROGRESS="off", **(PLAIN if plain else {}))
    _, status, usage = os.wait4(run.pid, 0)
    run.process.returncode = os.waitstatus_to_exitcode(status)
    if plain is (run.process.returncode == 0 and "complete" in run.line):
        raise SystemExit(run.text)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    from faults.crawling import Place

    from tvspiders.sandbox.config import SandboxConfig
    from tvspiders.sandbox.running import running

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    figures: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder, running(SandboxConfig()) as sandbox:
        for number in range(options.pairs):
            for plain in (True, False) if number % 2 else (False, True):
                used: dict[int, tuple[float, int]] = {}
                for pages in (SHORT, LONG):
                    sandbox.reset()
                    place = Place(Path(folder) / f"{number}-{plain}-{pages}", sandbox.url)
                    seconds = cpu(place, pages, plain)
                    used[pages] = seconds, sandbox.counters["requests"]
                spent = used[LONG][0] - used[SHORT][0]
                figures[plain].append(1000 * spent / (used[LONG][1] - used[SHORT][1]))
            print(f"  pair {number + 1}: {figures[False][-1]:.2f} and {figures[True][-1]:.2f} ms a request")
    ratios = [ledger / plain for ledger, plain in zip(figures[False], figures[True], strict=True)]
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(f"with the ledger   {median(figures[False]):.2f} ms of CPU a request (median of {options.pairs})")
    print(f"memory scheduler  {median(figures[True]):.2f} ms")
    print(f"ratio             {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
