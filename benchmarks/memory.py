"""How much memory each spider takes over a long crawl, and whether it grows with it.

    python -m benchmarks.memory                       # every spider, 30,000 things each
    python -m benchmarks.memory users --things 10000  # one of them

A real ``scrapy crawl`` over a sandbox of 600,000 things; resident memory is read from the
kernel at each thousand things answered. The arguments are large enough for the things asked
for: a search beyond its window, a category, the most prolific users from a file, the
largest remix families to their ends.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tests.support.crawling import Place, Run
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.running import RunningSandbox, running

SHOWN = (1_000, 2_000, 5_000, 10_000, 20_000, 30_000)
"""Things at which the table shows the memory."""
PROMISED = 300
"""MB that a crawl of 10,000 things stays under."""
SMALL_FAMILIES = 24
"""Things that a root of a walk brings at least."""


def arguments(spider: str, things: int, oracle: Oracle, folder: Path) -> dict[str, object]:
    """Arguments that bring so many things and more."""
    if spider == "things":
        return {"query": "useful", "beyond_window": "true"}
    if spider == "categories":
        return {"category": "household,toys-and-games,hobby"}
    count = max(10, things // SMALL_FAMILIES)
    names: Sequence[object] = oracle.prolific(count) if spider == "users" else oracle.hubs(count)
    (folder / "from.txt").write_text("\n".join(map(str, names)))
    deep: dict[str, object] = {"depth": "all"} if spider == "remixes" else {}
    return {"file": "from.txt"} | deep


def memory(run: Run) -> dict[str, float]:
    """MB of a process: ``VmRSS`` now, ``VmHWM`` at most."""
    try:
        lines = Path(f"/proc/{run.pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith("Vm")}


def watch(run: Run, answered: Callable[[], int]) -> tuple[dict[int, float], float]:
    """Memory in MB at each thousand things while the crawl runs, and the most of it."""
    at: dict[int, float] = {}
    most = 0.0
    while run.alive:
        found, number = memory(run), answered() // 1000 * 1000
        if "VmRSS" in found:
            at.setdefault(number, found["VmRSS"])
            most = max(most, found["VmHWM"])
        time.sleep(0.05)
    return at, most


def crawl(spider: str, things: int, sandbox: RunningSandbox, folder: Path) -> tuple[dict[int, float], float]:
    """One crawl of so many things; the memory at each thousand, and the most of it."""
    sandbox.reset()
    place = Place(folder, sandbox.url)
    given = arguments(spider, things, sandbox.oracle, folder) | {"max_requests": things * 5 // 4}
    options = [part for name, value in given.items() for part in ("-a", f"{name}={value}")]
    quota = ["-s", "TV_QUOTA=100000/1s", "-s", "TV_PROGRESS=log"]
    run = place.scrapy("crawl", spider, *options, "-O", "out.jsonl", *quota)
    try:
        at, most = watch(run, lambda: sandbox.front.journal.paths["/things/{id}"])
        if run.wait() != 0:
            raise SystemExit(run.text)
    finally:
        place.clear()
    with closing(sqlite3.connect(folder / "x.db")) as connection, connection:
        stored = connection.execute("SELECT count(*) FROM things WHERE detail_scraped IS NOT NULL").fetchone()
    if stored[0] < things:
        raise SystemExit(f"{spider}: only {stored[0]} things stored: {run.line}")
    return at, most


def growth(at: dict[int, float]) -> float:
    """MB more at the end than at half of the crawl."""
    last = max(at)
    half = min((number for number in at if number >= last / 2), default=last)
    return at[last] - at[half]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("spiders", nargs="*", default=["things", "categories", "users", "remixes"])
    parser.add_argument("--things", type=int, default=30_000, help="things stored by each spider")
    parser.add_argument("--catalogue", type=int, default=600_000, help="size of the sandbox")
    parser.add_argument("--curve", action="store_true", help="print the memory at each thousand things")
    options = parser.parse_args()
    shown = [number for number in SHOWN if number <= options.things]
    print(f"{platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}\n")
    print("| spider | " + " | ".join(f"{number:,}" for number in shown) + " | second half | most |")
    print("|---|" + "---|" * (len(shown) + 2), flush=True)
    too_much = False
    with tempfile.TemporaryDirectory() as folder, running(SandboxConfig(things=options.catalogue)) as sandbox:
        for spider in options.spiders:
            at, most = crawl(spider, options.things, sandbox, Path(folder) / spider)
            cells = [f"{at[number]:.0f}" if number in at else "" for number in shown]
            print(f"| `{spider}` | {' | '.join(cells)} | {growth(at):+.0f} | {most:.0f} |", flush=True)
            if options.curve:
                print(" ".join(f"{number // 1000}k:{at[number]:.1f}" for number in sorted(at)), flush=True)
            too_much = too_much or most >= PROMISED
    sys.exit(too_much)


if __name__ == "__main__":
    main()
