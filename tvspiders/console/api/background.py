"""Blocking work beside the loop that does not hold up the end of the process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_background(work: Callable[[], T]) -> T:
    """The result of ``work``, which runs in a thread of its own.

    The thread is left alone when nobody waits any more (Ctrl-C, a deadline); ``asyncio.to_thread``
    would make the process wait for it.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(set_outcome: Callable[[], None]) -> None:
        if not future.done():
            set_outcome()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            failed = error
            outcome: Callable[[], None] = lambda: future.set_exception(failed)  # noqa: E731
        else:
            outcome = lambda: future.set_result(result)  # noqa: E731
        try:
            loop.call_soon_threadsafe(finish, outcome)
        except RuntimeError:  # the loop has ended meanwhile
            return

    threading.Thread(target=run, name="tvspiders-question", daemon=True).start()
    return await future
