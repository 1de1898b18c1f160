"""The same search and details, stored by us and by others: CPU, time and memory in pairs.

    python -m benchmarks.contest --rounds 5 --pages 334

Each round runs every client once, in rotating order. What they stored is counted: the same
things, remix edges and snapshots, or the benchmark fails.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.processes import Cost, crawl, environment, run, sandbox
from benchmarks.tables import machine, table

QUERY = "box"
OURS, STOCK, CEILING = "tvspiders", "Scrapy as it comes, batches of 500", "asyncio, aiohttp, orjson (ceiling)"


@dataclass(frozen=True)
class Client:
    """One of those who are compared."""

    name: str
    module: str
    options: tuple[str, ...] = ()
    share: float = 1.0
    """Part of the pages that it reads: the slowest would take an hour otherwise."""
    needs: str = ""
    """Package without which it is left out."""
    snapshots: bool = True


CLIENTS = (
    Client(OURS, ""),
    Client(STOCK, "bare_scrapy"),
    Client("the same, CONCURRENT_ITEMS=1, no cookies", "bare_scrapy", ("tuned",)),
    Client(CEILING, "asyncio_ceiling", needs="orjson"),
    Client("dlt, rest_api to SQLite", "dlt_rest", share=0.2, needs="dlt", snapshots=False),
    Client("a client per request, a commit per thing", "guide_way", share=0.05, needs="httpx"),
)


@dataclass(frozen=True)
class Result:
    """One run of one client."""

    cost: Cost
    requests: int
    things: int
    size: int
    """Bytes of the database."""

    @property
    def milliseconds(self) -> float:
        return 1000 * self.cost.cpu / self.requests


def compete(client: Client, url: str, folder: Path, pages: int) -> Result:
    """One run; raises ``SystemExit`` when something is missing."""
    wanted = max(1, round(client.share * pages))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = folder / "x.db"
    if client.module:
        command = [f"benchmarks.clients.{client.module}", url, QUERY, str(wanted), str(database)]
        cost = run([*command, *client.options], folder, environment(url, database))
    else:
        cost = crawl(url, folder, "-a", f"query={QUERY}", "-a", f"pages={wanted}")
    with closing(sqlite3.connect(database)) as connection:
        things = connection.execute("SELECT count(*) FROM things").fetchone()[0]
        kept = 0
        if client.snapshots:
            edges, snapshots = (
                connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in ("remix_edges", "download_snapshots")
            )
            kept = connection.execute("SELECT count(*) FROM things WHERE length(raw_json) > 1000").fetchone()[
                0
            ]
            if not edges or snapshots != things or kept != things:
                raise SystemExit(f"{client.name}: {things} things, {kept} answers, {snapshots} snapshots")
    return Result(cost, wanted + 30 * wanted, things, database.stat().st_size)


def available() -> Iterator[Client]:
    """The clients whose packages are installed; says which are not."""
    for client in CLIENTS:
        if client.needs and importlib.util.find_spec(client.needs) is None:
            print(f"{client.name}: left out, {client.needs} is not installed")
        else:
            yield client


def measure(rounds: int, pages: int) -> dict[str, list[Result]]:
    """All rounds, in rotating order."""
    clients = list(available())
    found: dict[str, list[Result]] = {client.name: [] for client in clients}
    with tempfile.TemporaryDirectory() as folder, sandbox() as url:
        compete(CLIENTS[1], url, Path(folder) / "run", pages)  # the sandbox makes its things on first sight
        for number in range(rounds):
            turn = number % len(clients)
            for client in clients[turn:] + clients[:turn]:
                result = compete(client, url, Path(folder) / "run", pages)
                found[client.name].append(result)
                print(f"  {number + 1}: {client.name}: {result.milliseconds:.2f} ms, {result.things} things")
            counted = {found[c.name][-1].things for c in clients if c.share == 1}
            if len(counted) != 1:
                raise SystemExit(f"the clients did not store the same things: {counted}")
    return found


def spread(values: list[float], digits: int = 2) -> str:
    """``median (least to most)``."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def ratios(found: dict[str, list[Result]], name: str, other: str) -> list[float]:
    """CPU a request of one against another, round by round."""
    return [a.milliseconds / b.milliseconds for a, b in zip(found[name], found[other], strict=True)]


def text(found: dict[str, list[Result]]) -> str:
    """The table of ``docs/performance.md``."""
    rows = []
    for name, results in found.items():
        against = [spread(ratios(found, name, other)) if other in found else "" for other in (STOCK, CEILING)]
        rows.append(
            (
                name,
                f"{median(result.things for result in results):,.0f}",
                spread([result.milliseconds for result in results]),
                f"{median(result.things / result.cost.wall for result in results):,.0f}",
                f"{median(result.cost.peak for result in results):.0f}",
                *against,
            )
        )
    head = ("client", "things", "CPU ms a request", "things/s", "peak MB", "× stock", "× ceiling")
    ours = found[OURS][0]
    lines = [
        f"{len(found[OURS])} rounds, medians (least to most), start included. {machine()}.",
        "",
        table(head, rows),
        "",
        f"Database of ours: {ours.size / ours.things:,.0f} bytes a thing, with all tables and indexes.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=334, help="pages of 30 things")
    options = parser.parse_args()
    print(text(measure(options.rounds, options.pages)))


if __name__ == "__main__":
    main()
