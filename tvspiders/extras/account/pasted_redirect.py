"""An address that the user pastes, for a browser on another computer."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable

from tvspiders.extras.account.attempt import Attempt

NOT_IT = "That is not the address that the browser ended at; paste all of it."


async def pasted(attempt: Attempt, back: str, descriptor: int, say: Callable[[str], None]) -> str:
    """The code or token from a typed or pasted line; waits for ever without one.

    Raises ``AccountProblem`` for an answer of the site that is a refusal or belongs to another sign-in.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        # No file object: a daemon thread that holds one's lock would break the end of the process.
        rest = b""
        while True:
            try:
                part = os.read(descriptor, 65_536)
            except OSError:
                return
            if not part:
                return
            *whole, rest = (rest + part).split(b"\n")
            for line in whole:
                try:
                    loop.call_soon_threadsafe(lines.put_nowait, line.decode("utf-8", "replace"))
                except RuntimeError:  # the loop has ended meanwhile
                    return

    threading.Thread(target=read, name="tvspiders-paste", daemon=True).start()
    while True:
        line = await lines.get()
        found = attempt.read_pasted(line, back)
        if found is not None:
            return found
        if line.strip():
            say(NOT_IT)
