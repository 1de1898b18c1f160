"""The loop that commits: one transaction after the other, while there is anything to do.

One transaction writes finished units, queues start requests, records how far the feeds are, keeps the leases
alive and leases more. While it runs, the next one collects, so batches grow exactly when they are needed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from tvspiders.errors import StorageProblem
from tvspiders.ledger.in_flight import LeasedRequests, Options
from tvspiders.ledger.writing.transaction import Batch, BatchResult, BatchWriter
from tvspiders.ledger.writing.write_buffer import WriteBuffer
from tvspiders.steady_clock import steady
from tvspiders.storage.units import Committed


class Follower:
    """What a ledger reports to the component that it works for; this one ignores it all."""

    def changed(self) -> None:
        """There may be new work, or none left."""

    def failed(self, problem: str) -> None:
        """The ledger cannot go on."""

    def committed(self, committed: Committed) -> None:
        """A unit is on disk."""

    def forgotten(self) -> None:
        """The database is another one: what was remembered of it is not true any more."""

    async def opened_again(self) -> None:
        """The crawl is open in it; its start requests are to be queued."""


class CommitLoop:
    """Holds what this worker has leased and what is not committed yet, and commits it."""

    def __init__(
        self,
        writer: BatchWriter,
        options: Options,
        on_result: Callable[[BatchResult, int], None],
        on_change: Callable[[], None],
        on_error: Callable[[Exception, str], Awaitable[bool]],
    ) -> None:
        """``on_result`` gets the result of a batch and the number of its units, before more is leased.

        ``on_error`` gets the error and the worker's name at that time, and says whether to go on.
        """
        self.leased = LeasedRequests(writer.owner)
        self.buffer = WriteBuffer()
        self.crawl_id: int | None = None
        self.feed_id: int | None = None
        """Feed that answers are marked with."""
        self.highest = 0
        """Highest number of a request that this worker has leased."""
        self.resets = 0
        """Since the last transaction that went well."""
        self._writer = writer
        self._options = options
        self._on_result = on_result
        self._on_change = on_change
        self._on_error = on_error
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._next_look: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None

    @property
    def owner(self) -> str:
        """Name of this worker."""
        return self._writer.owner

    def begin(self, crawl_id: int) -> None:
        """Work for a crawl that is open now."""
        self.crawl_id = crawl_id
        self._task = asyncio.create_task(self._run())
        self.wake()

    def stop(self) -> None:
        """No transaction begins from now on."""
        for waiting in (self._task, self._next_look, self._lingering):
            if waiting is not None:
                waiting.cancel()

    def reset(self, owner: str) -> None:
        """Forget what belongs to a database that is not there any more; this worker has another name now."""
        self.resets += 1
        self._writer.owner = owner
        self.leased, self.buffer = LeasedRequests(owner), WriteBuffer()

    def wake(self) -> None:
        """Ask for a transaction."""
        self._woken.set()

    def look_again(self) -> None:
        """Look for requests to lease, though there were none a moment ago."""
        self.leased.dry = False
        self.wake()

    def commit_soon(self) -> None:
        """Ask for a transaction at once when the crawl waits for it, else when it is worth one."""
        if not self.leased.ready or len(self.buffer.units) >= self._options.lease_batch // 2:
            self.wake()
        elif self._lingering is None:
            loop = asyncio.get_running_loop()
            self._lingering = loop.call_later(self._options.linger, self._linger_no_more)

    # -- inside ----------------------------------------------------------------------------------

    def _linger_no_more(self) -> None:
        self._lingering = None
        self.wake()

    async def _run(self) -> None:
        every, beat = self._options.lease_seconds / 4, steady()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), every)
            self._woken.clear()
            now = steady()
            heartbeat = self._writer.shared and now - beat > every
            if heartbeat:
                beat = now
            owner = self.owner
            try:
                await self._commit(heartbeat)
                self.resets = 0
            except Exception as error:
                if not await self._on_error(error, owner):
                    return

    async def _commit(self, heartbeat: bool) -> None:
        if self.crawl_id is None:
            raise StorageProblem("the crawl is not open")
        buffer, leased = self.buffer, self.leased
        units, seeds = buffer.next_batch()
        room = self._options.lease_batch - len(leased.ready)
        wanted = 0 if leased.dry and not units and not seeds else max(0, room)
        if not (units or seeds or heartbeat or wanted):
            return
        buffer.writing = len(units) + len(seeds)
        batch = Batch(self.crawl_id, self.feed_id, units, seeds, wanted, heartbeat)
        try:
            result = await self._writer.run(batch)
        except BaseException:
            buffer.put_back(units, seeds)
            raise
        finally:
            buffer.writing = 0
        self._on_result(result, len(units))
        leased.ready.extend(result.leased)
        self.highest = max(self.highest, *(each.id for each in result.leased), 0)
        if wanted:
            self._plan_next_look(result)
        if buffer.seeds:
            self.wake()
        elif buffer.units:
            self.commit_soon()
        self._on_change()

    def _plan_next_look(self, result: BatchResult) -> None:
        """Remember that nothing could be leased, and look again when that may have changed."""
        pause = self.leased.looked(bool(result.leased), result.outlook)
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        if pause is not None:
            self._next_look = asyncio.get_running_loop().call_later(pause, self.look_again)
