"""Small bodies that grow when they are unpacked or decoded, and a server that answers with them."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

MOST = 512
"""MB that a crawl may take, whatever it is answered."""
MB = 1024 * 1024


def filled(size: int, unit: bytes, before: bytes = b"[", after: bytes = b"]") -> bytes:
    """JSON of about so many bytes: one value over and over."""
    return before + b",".join([unit] * (size // (len(unit) + 1))) + after


def detail(size: int, unit: bytes, key: str = "tags") -> bytes:
    """The same as a field of a thing's own page."""
    return filled(size, unit, b'{"id":NUMBER,"name":"x","' + key.encode() + b'":[', b"]}")


SHAPES: dict[str, Callable[[], bytes]] = {
    "honest": lambda: b'{"id":NUMBER,"name":"x","tags":[]}',
    "lists": lambda: filled(30 * MB, b"[]"),
    "maps": lambda: detail(30 * MB, b"{}"),
    "texts": lambda: detail(30 * MB, b'"ab"'),
    "deep": lambda: b"[" * (14 * MB),
    "text": lambda: b'{"id":NUMBER,"name":"' + b"x" * (30 * MB) + b'"}',
    "small lists": lambda: filled(7 * MB, b"[]"),
    "small maps": lambda: detail(7 * MB, b"{}"),
    "just below, lists": lambda: filled(1 * MB, b"[]"),
    "just below, maps": lambda: detail(650_000, b"{}"),
    "just below, tags": lambda: detail(3 * MB, b'{"name":"a tag of some length, as many are"}'),
    "just below, rows": lambda: detail(
        3 * MB, b'{"id":7,"name":"zip","url":"https://x.example/y.zip"}', "files"
    ),
    "just below, wide text": lambda: (
        b'{"id":NUMBER,"name":"x","description":"' + b"x" * (7 * MB) + "\U0001f600".encode() + b'"}'
    ),
    "just below, e-mail": lambda: detail(2 * MB, b'{"email":"a@b.example","name":"x"}'),
    "900 MB of gzip": lambda: b"\x00" * (900 * MB),
}


def packed(body: bytes, number: int) -> bytes:
    """The body as it is sent, with the number of the thing in it."""
    return gzip.compress(body.replace(b"NUMBER", str(number).encode(), 1), 1)


def memory(pid: int) -> float:
    """MB that a process has taken at most so far (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int((status.partition("VmHWM:")[2].split() or ["0"])[0]) / 1024


@contextmanager
def serving(*names: str) -> Iterator[str]:
    """A server that answers things' own pages with these shapes by turns, and every list with nothing."""
    bodies = [SHAPES[name]() for name in names]
    sent: dict[int, bytes] = {}

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        parts = request.path.strip("/").split("/")
        if len(parts) != 2:
            return web.json_response([])
        number = int(parts[1])
        if number not in sent:
            body = bodies[number % len(bodies)]
            alike = number if b"NUMBER" in body[:1000] else -(number % len(bodies)) - 1
            if alike not in sent:
                sent[alike] = packed(body, number)
            sent[number] = sent[alike]
        return web.Response(
            body=sent[number], headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
        )

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
