"""The quota's state in the database, for every process and machine that uses the same tokens."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Engine

from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.store import RowClock
from tvspiders.policies.quota.window import QuotaWindow
from tvspiders.policies.security.tokens import Token
from tvspiders.steady_clock import boot, steady
from tvspiders.storage.database.engine import follow_file
from tvspiders.storage.queue.quota import change_row, read_epoch

T = TypeVar("T")


class SqlQuotaStore:
    """A :class:`~tvspiders.policies.quota.store.QuotaStore` on the rows of ``quota_windows``.

    SQL runs in threads that do not hold up the end of the process, because a
    locked database may keep one waiting for seconds.
    """

    shared = True

    def __init__(
        self,
        engine: Engine,
        quota: Quota,
        spread: bool = True,
        clock: Callable[[], float] = steady,
    ) -> None:
        """``clock`` is the local one of the pool that uses this store."""
        self._clock = clock
        self._row_clock = RowClock(boot() if clock is steady else "")
        self._engine = engine
        self._quota = quota
        self._spread = spread

    async def change(self, token: Token, change: Callable[[QuotaWindow, float], T]) -> tuple[T, float]:
        """Run ``change`` on the token's window inside one transaction; raises ``StoreBusy``."""
        results: list[tuple[T, float]] = []
        row = token.fingerprint

        def changed(state: str | None, shared: float) -> tuple[str, int]:
            local, data = self._clock(), json.loads(state) if state is not None else None
            now = self._row_clock.now(row, data.get("clock") if data else None, shared, local)
            window = self._window(data, now)
            results[:] = [(change(window, now), now - shared)]
            kept = window.to_data() | {"clock": self._row_clock.stamp(row, now, shared, local)}
            return json.dumps(kept, separators=(",", ":")), window.epoch

        offset = await _in_thread(lambda: change_row(self._engine, row, changed, self._clock))
        result, beyond = results[0]
        return result, offset + beyond

    async def epoch(self, token: Token) -> int:
        """Read the row's epoch without a lock; raises ``StoreBusy``."""
        return await _in_thread(lambda: read_epoch(self._engine, token.fingerprint))

    def changed(self) -> None:
        """The database is another one now, and the ledger has found it good."""
        follow_file(self._engine)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _window(self, data: dict[str, Any] | None, now: float) -> QuotaWindow:
        if data is None:
            return QuotaWindow(self._quota, now, self._spread)
        return QuotaWindow.from_data(data, self._quota, now, self._spread)


async def _in_thread(work: Callable[[], T]) -> T:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as other:
            error = other
        try:
            loop.call_soon_threadsafe(finish, result, error)
        except RuntimeError:  # the loop has ended meanwhile; no one waits any more
            return

    threading.Thread(target=run, name="tvspiders-quota", daemon=True).start()
    return await future
