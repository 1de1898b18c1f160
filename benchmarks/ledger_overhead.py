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
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from tvspiders.items import Item, Source
from tvspiders.storage import tables
from tvspiders.storage.catalogue.creators import write_creators
from tvspiders.storage.catalogue.things import write_things
from tvspiders.storage.catalogue.to_rows import Rows, add_rows
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.upserts import upsert
from tvspiders.storage.units import key_text

SHORT, LONG = 2, 80
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
        rows: Rows = {}
        for item in self.items:
            add_rows(item, rows)
        with writing(self.engine) as connection:
            for table, found in rows.items():
                if table is tables.things:
                    write_things(connection, found)
                elif table is tables.creators:
                    write_creators(connection, found)
                else:
                    upsert(connection, table, found)
        self.items.clear()


PLAIN = {
    "SCHEDULER": "tvspiders.ledger.components.LoneRequests",  # as Scrapy's own; that one is refused
    "ITEM_PIPELINES": '{"benchmarks.ledger_overhead.PlainPipeline": 900}',
}


def cpu(place: Any, pages: int, plain: bool) -> float:
    """Seconds of CPU that one crawl takes."""
    run = place.crawl(pages=pages, TV_PROGRESS="off", **(PLAIN if plain else {}))
    _, status, usage = os.wait4(run.pid, 0)
    run.process.returncode = os.waitstatus_to_exitcode(status)
    if "Traceback" in run.text or " ERROR: " in run.text:
        raise SystemExit(run.text)
    return usage.ru_utime + usage.ru_stime


def check(place: Any, truth: Any) -> None:
    """Both ways must have written the same, else their costs could not be compared."""
    from tests.support.truth import flaws_of_database, flaws_of_feeds

    flaws = flaws_of_database(place.database, truth) + flaws_of_feeds([place.feed], truth)
    of_ledger = ("requests are", "verdicts are")
    left = [flaw for flaw in flaws if not flaw.startswith(of_ledger) and "answers for" not in flaw]
    if left:
        raise SystemExit(f"{place.folder}: {left}")


def main() -> None:
    from tests.support.crawling import QUERY, Place
    from tests.support.truth import Truth
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
                    check(place, Truth.of_search(sandbox.oracle, QUERY, pages))
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
