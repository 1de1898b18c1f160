"""A ledger at work in a test: started, worked off, or killed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.support.making import answer, asked, at
from tvspiders.items import Item, Source
from tvspiders.ledger.commit_loop import Follower
from tvspiders.ledger.in_flight import Options
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.queue import crawls
from tvspiders.storage.queue.leases import Leased
from tvspiders.storage.units import Answer, Unit

PATIENCE = 240.0
"""Seconds after which a test that waits has failed."""


@asynccontextmanager
async def ledger_on(
    url: str,
    query: str = "gear",
    name: str | None = None,
    options: Options | None = None,
    follower: Follower | None = None,
) -> AsyncIterator[Ledger]:
    """A started ledger, which is killed at the end unless it was finished."""
    ledger = Ledger(DatabaseThread(open_engine(url)), options or Options())
    if follower is not None:
        ledger.report_to(follower)
    try:
        async with asyncio.timeout(PATIENCE):
            await ledger.start("things", {"query": query}, name, {"version": "1.0"})
            yield ledger
    finally:
        kill(ledger)


def kill(ledger: Ledger) -> None:
    """What is left of a process that died: nothing is written any more, and its lock is free."""
    ledger.abandon()


def seed(ledger: Ledger, *numbers: int, **changes: Any) -> None:
    for number in numbers:
        ledger.add(asked(number, **changes))


def done(leased: Leased) -> Unit:
    """A request that was answered with nothing in it."""
    received = f"2026-11-21T12:00:00.{leased.id % 1000:03}+00:00"
    return Unit(leased.id, answer=Answer(200, received, b"{}"))


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


async def take(ledger: Ledger, count: int = 1) -> list[Leased]:
    """That many requests, as soon as they are to be had."""
    taken: list[Leased] = []

    def took() -> bool:
        if (leased := ledger.take()) is not None:
            taken.append(leased)
        return len(taken) == count

    await until(took)
    return taken


async def work(ledger: Ledger, answered: Callable[[Leased], Unit] = done) -> list[str]:
    """Work off all there is; returns the paths in the order of asking."""
    paths: list[str] = []

    def idle() -> bool:
        while (leased := ledger.take()) is not None:
            paths.append(leased.path)
            ledger.acknowledge(answered(leased))
        return ledger.drained

    await until(idle)
    return paths


async def finish(ledger: Ledger, verdict: str = crawls.COMPLETE) -> Mapping[str, int]:
    return await ledger.finish(lambda counts, others, notes: (verdict, None))


def brought(leased: Leased, *items: Item, **changes: Any) -> Unit:
    unit = Unit(leased.id, answer=answer(leased.id), **changes)
    for item in items:
        item.stamp(Source(leased.id, at(leased.id)))
        unit.items.append(item)
    return unit


def expire(url: str) -> None:
    """Let the time of all leases pass."""
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(
            tables.requests.update().where(tables.requests.c.state == "leased").values(lease_until=1.0)
        )
    engine.dispose()
