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
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from faults.crawling import Place

from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.running import running

WINDOW = 10_000


def of_search(oracle: Oracle, term: str, **filters: object) -> set[int]:
    """All that a search holds, from parts of it that are smaller than the window."""
    found: set[int] = set()
    for derivative, makes in product((0, 1), (0, 1)):
        part = oracle.search(term, is_derivative=derivative, has_makes=makes, **filters)["ids"]
        if len(part) >= WINDOW:
            raise SystemExit(f"{term!r} holds too much to be known")
        found.update(part)
    return found


def cases(things: int) -> Iterator[tuple[str, dict[str, object], SandboxConfig]]:
    """Spider, arguments and sandbox."""
    yield "things", {"query": "useful", "license": "cc-nd"}, SandboxConfig(things=things)
    capped = SandboxConfig(things=200_000, category_cap=WINDOW)
    yield "categories", {"category": "fashion"}, capped
    yield "categories", {"category": "toys-and-games"}, capped


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--things", type=int, default=6_000_000, help="size of the sandbox that is searched")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}\n")
    print("| crawl | holds | stored of them | missing | requests | a perfect reading | parts out of reach |")
    print("|---|---|---|---|---|---|---|", flush=True)
    lost = False
    for spider, given, config in cases(options.things):
        with tempfile.TemporaryDirectory() as folder, running(config) as sandbox:
            if spider == "things":
                wanted = of_search(sandbox.oracle, str(given["query"]), license=given["license"])
            else:
                wanted = set(sandbox.oracle.category(str(given["category"]))["ids"])
            place = Place(Path(folder), sandbox.url)
            limits = {"details": "false", "beyond_window": "true", "max_requests": 5_000}
            run = place.spider(spider, given | limits, feed=None)
            if run.wait(1200) != 0 or "complete" not in run.line:
                raise SystemExit(run.text)
            with sqlite3.connect(Path(folder) / "x.db") as connection:
                stored = {row[0] for row in connection.execute("SELECT id FROM things")}
                left = connection.execute("SELECT count(*) FROM lists WHERE ended = 'window'").fetchone()[0]
            missing = wanted - stored
            words = " ".join(f"{name}={value}" for name, value in given.items())
            print(
                f"| `{spider} {words}` | {len(wanted):,} | {len(wanted & stored):,} | {len(missing):,} | "
                f"{sandbox.counters['requests']:,} | {-(-len(wanted) // 30):,} | {left} |",
                flush=True,
            )
            told = [line for line in run.text.splitlines() if "out of reach" in line or "holds" in line]
            print("\n".join(told), file=sys.stderr)
            lost = lost or bool(missing and not left)
    sys.exit(lost)


if __name__ == "__main__":
    main()
