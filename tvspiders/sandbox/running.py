"""A sandbox beside a test: in the same process, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.front import Front
from tvspiders.sandbox.journal import Entry
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.server import Server


class RunningSandbox:
    """What a test can ask of the sandbox it started."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.front: Front = server.front
        """Everything else: ``faults``, ``limiter``, ``blocked``, ``revoke(token)`` ..."""
        self.url = server.url
        """Scheme, host and port."""

    @property
    def counters(self) -> dict[str, Any]:
        """As ``/_sandbox/counters``."""
        return self.front.counters()

    @property
    def journal(self) -> list[Entry]:
        """The requests so far."""
        return [entry for _, entry in self.front.journal.entries()]

    @property
    def oracle(self) -> Oracle:
        """What a perfect crawl would hold today."""
        return self.front.oracle()

    @property
    def waiting(self) -> int:
        """Stalled requests that somebody still waits for."""
        return self._server.waiting

    @property
    def day(self) -> int:
        """The virtual day."""
        return self.front.day

    def advance(self, days: int = 1) -> int:
        """Move the virtual clock on."""
        return self.front.advance(days)

    def reset(self) -> None:
        """Counters, journal and windows to nothing."""
        self.front.reset()


@contextmanager
def running(config: SandboxConfig | None = None) -> Iterator[RunningSandbox]:
    """Serve from a background thread for as long as the block lasts.

    The control channel is always on.

    >>> with running(SandboxConfig(things=100)) as sandbox:
    ...     sandbox.url.startswith("http://127.0.0.1:")
    True
    """
    loop = asyncio.new_event_loop()
    server = Server(replace(config or SandboxConfig(), control=True))
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield RunningSandbox(server)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _cancel_others() -> None:
    """Let go of stalled answers, so that the loop closes without complaint."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
