import asyncio
import sqlite3
import threading
import time

import pytest

from tvspiders.errors import Stopped, StoreBusy
from tvspiders.middlewares.quota_store import SqlQuotaStore
from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.pool import TokenPool
from tvspiders.policies.security.tokens import Token, TokenSource
from tvspiders.steady_clock import steady
from tvspiders.storage.database import engine as engine_module
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import prepare_schema
from tvspiders.storage.queue import quota as storage_quota

SECRET = "aaaaaaaa1111"
TOKEN = Token(SECRET, "token-1")


@pytest.fixture
def file(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/quota.db")
    prepare_schema(engine)
    engine.dispose()
    return tmp_path / "quota.db"


@pytest.fixture
def store(file):
    store = SqlQuotaStore(open_engine(f"sqlite:///{file}"), Quota(30, 300.0))
    yield store
    store.close()


def reserve(window, now):
    return window.reserve(now, want=1, horizon=0.0)[0] - now


def test_two_stores_on_one_database_share_one_window(store, file):
    other = SqlQuotaStore(open_engine(f"sqlite:///{file}"), Quota(30, 300.0))

    async def case():
        waits, began = [], time.monotonic()
        for _ in range(4):
            waits.append((await store.change(TOKEN, reserve))[0])
            waits.append((await other.change(TOKEN, reserve))[0])
        return waits, time.monotonic() - began

    waits, took = asyncio.run(case())
    other.close()

    assert all(10 * n - 1 - took < wait < 10 * n + 1 for n, wait in enumerate(waits))


def test_the_state_outlives_the_process(store, file):
    async def case():
        for _ in range(8):
            await store.change(TOKEN, reserve)
        store.close()
        again = SqlQuotaStore(open_engine(f"sqlite:///{file}"), Quota(30, 300.0))
        wait, _ = await again.change(TOKEN, reserve)
        again.close()
        return wait

    assert asyncio.run(case()) > 70


def test_the_database_never_holds_the_token(store, file):
    asyncio.run(store.change(TOKEN, reserve))

    assert SECRET.encode() not in file.read_bytes()


def test_the_epoch_grows_when_a_token_is_closed(store):
    async def case():
        before = await store.epoch(TOKEN)
        await store.change(TOKEN, lambda window, now: window.refused(now, sent=now))
        return before, await store.epoch(TOKEN)

    assert asyncio.run(case()) == (0, 1)


def test_a_locked_database_is_busy_and_the_loop_goes_on_meanwhile(store, file):
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")

    async def case():
        change = asyncio.ensure_future(store.change(TOKEN, reserve))
        ticks = 0
        while not change.done():
            await asyncio.sleep(0.02)
            ticks += 1
        with pytest.raises(StoreBusy):
            change.result()
        return ticks

    ticks = asyncio.run(case())
    lock.execute("ROLLBACK")
    lock.close()

    assert ticks > 3


def test_a_locked_database_sends_nothing_and_holds_no_stop_up(store, file, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 60.0)
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")

    async def case():
        pool = TokenPool(TokenSource(SECRET), store, steady)
        waiting = asyncio.ensure_future(pool.acquire())
        await asyncio.sleep(0.3)
        assert not waiting.done()
        began = time.monotonic()
        await pool.close(patience=0.2)
        with pytest.raises(Stopped):
            await waiting
        return time.monotonic() - began

    took = asyncio.run(case())
    lock.execute("ROLLBACK")
    lock.close()
    for thread in threading.enumerate():
        if thread.name == "tvspiders-quota":
            thread.join(60)

    assert took < 30


@pytest.mark.parametrize("step", [-3600, -1200, 1200, 3600])
def test_a_clock_that_is_set_changes_no_wait(store, file, monkeypatch, step):
    other = SqlQuotaStore(open_engine(f"sqlite:///{file}"), Quota(30, 300.0))
    real = time.time

    async def case():
        for _ in range(30):
            await store.change(TOKEN, reserve)
        monkeypatch.setattr(storage_quota.change_row, "__defaults__", (steady, lambda: real() + step))
        return [(await each.change(TOKEN, reserve))[0] for each in (store, other)]

    waits = asyncio.run(case())
    other.close()

    assert waits == pytest.approx([300.5, 310.5], abs=100)  # less what the thirty changes took
