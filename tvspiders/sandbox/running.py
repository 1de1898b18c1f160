"""Run a sandbox in the process of a test, on its own thread."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.front import Front
from tvspiders.sandbox.front.journal import Entry
from tvspiders.sandbox.oracle import Oracle
from tvspiders.sandbox.server import Server

PATIENCE = 60.0
"""Seconds for what the sandbox does in less than one; its thread may have to wait for a core."""


class RunningSandbox:
    """A running sandbox: its address, counters, journal and controls."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
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
        """Requests that are held or stalled, and that somebody still waits for."""
        return self._server.waiting

    def hold(self, *, after: float) -> None:
        """Let requests from number ``after`` on (the first is 0) wait; called again, it moves this number.

        They are counted, and in the journal, when they come; their answer comes after `release`. So a
        crawl stands still at this number, however late its test notices.
        """
        _within(self._loop, self._server.hold(after))

    def release(self) -> None:
        """Answer what is held, and hold nothing any more."""
        self.hold(after=math.inf)

    @property
    def day(self) -> int:
        """The virtual day."""
        return self.front.day

    def advance(self, days: int = 1) -> int:
        """Move the virtual clock on."""
        return self.front.advance(days)

    def reset(self) -> None:
        """Counters, journal and windows to nothing; nothing is held."""
        self.release()
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
        _within(loop, server.start())
        yield RunningSandbox(server, loop)
    finally:
        _within(loop, server.stop())
        _within(loop, _cancel_others())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


def _within(loop: asyncio.AbstractEventLoop, action: Coroutine[Any, Any, None]) -> None:
    """Have something done on the sandbox's thread."""
    asyncio.run_coroutine_threadsafe(action, loop).result(PATIENCE)


async def _cancel_others() -> None:
    """Let go of held and stalled answers, so that the loop closes without complaint."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
