"""Read searches and categories that hold more than the 10,000 things which are served of them.

    python -m benchmarks.beyond_window

Real crawls with ``beyond_window=true`` over a sandbox of 6,000,000 things (a search) and one of
200,000 whose categories serve 10,000 things each; the things stored are compared by id with
the oracle. Exit code 1 if one is missing without being reported as out of reach.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.support.crawling import Place
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.running import running

WINDOW = 10_000


def of_search(things: int, given: dict[str, Any]) -> set[int]:
    """All that a search holds, from an oracle that knows no window."""
    filters = {name: value for name, value in given.items() if name != "query"}
    with patch("tvspiders.sandbox.catalogue.search.WINDOW", things):
        return set(Oracle(SandboxConfig(things=things)).search(str(given["query"]), **filters)["ids"])


def cases(things: int) -> Iterator[tuple[str, dict[str, object], SandboxConfig]]:
    """Spider, arguments and sandbox; the last search cannot be cut small enough."""
    capped = SandboxConfig(things=200_000, category_cap=WINDOW)
    yield "things", {"query": "useful", "license": "cc-nd"}, SandboxConfig(things=things)
    yield "categories", {"category": "fashion"}, capped
    yield "categories", {"category": "toys-and-games"}, capped
    yield "things", {"query": "useful", "license": "cc", "category_id": 67}, SandboxConfig(things=things)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--things", type=int, default=6_000_000, help="size of the sandbox that is searched")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}\n")
    print("| crawl | holds | stored of them | missing | requests | a perfect reading | parts out of reach |")
    print("|---|---|---|---|---|---|---|", flush=True)
    lost = False
    for spider, given, config in cases(options.things):
        wanted = of_search(config.things, given) if spider == "things" else set()
        with tempfile.TemporaryDirectory() as folder, running(config) as sandbox:
            wanted = wanted or set(sandbox.oracle.category(str(given["category"]))["ids"])
            place = Place(Path(folder), sandbox.url)
            limits = {"details": "false", "beyond_window": "true", "max_requests": 5_000}
            run = place.spider(spider, given | limits, feed=None)
            if run.wait(1200) != 0 or "complete" not in run.line:
                raise SystemExit(run.text)
            with closing(sqlite3.connect(Path(folder) / "x.db")) as connection, connection:
                stored = {row[0] for row in connection.execute("SELECT id FROM things")}
                left = connection.execute("SELECT count(*) FROM lists WHERE ended = 'window'").fetchone()[0]
            missing = wanted - stored
            words = " ".join(f"{name}={value}" for name, value in given.items())
            print(
                f"| `{spider} {words}` | {len(wanted):,} | {len(wanted & stored):,} | {len(missing):,} | "
                f"{sandbox.counters['requests']:,} | {-(-len(wanted) // 30):,} | {left} |",
                flush=True,
            )
            told = [line for line in run.text.splitlines() if "ut of reach" in line or "holds" in line]
            print("\n".join(told), file=sys.stderr)
            lost = lost or bool(missing and not left)
    sys.exit(lost)


if __name__ == "__main__":
    main()
