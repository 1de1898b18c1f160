"""A tiny API on loopback that remembers what it was sent; how it behaves is the first part of the path."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from tests.support.crawler import CHALLENGE


class ApiServer:
    def __init__(self, other: str = "") -> None:
        self.other = other
        self.url = ""
        self.seen: list[tuple[str, str | None]] = []
        self.headers: list[dict[str, str]] = []
        self.revoked: set[str] = set()
        self.planned: dict[str, list[str]] = {}
        """What the first requests for a path get instead."""

    def tokens(self) -> set[str | None]:
        return {authorization for _, authorization in self.seen}

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        authorization = request.headers.get("Authorization")
        self.seen.append((request.path, authorization))
        self.headers.append(dict(request.headers))
        behaviour = request.path.split("/")[1]
        if authorization in self.revoked:
            return web.json_response({"error": "Unauthorized"}, status=401)
        if self.planned.get(request.path):
            behaviour = self.planned[request.path].pop(0)
        if behaviour == "secret":
            return web.json_response({"error": "Unauthorized"}, status=401)
        if behaviour == "hang":
            await asyncio.sleep(60)
        if behaviour == "trickle":
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.2)
        if behaviour == "redirect":
            return web.Response(status=302, headers={"Location": self.other + "/stolen"})
        if behaviour == "broken":
            return web.Response(status=502)
        if behaviour == "reset":
            assert request.transport is not None
            request.transport.abort()
        if behaviour == "challenge":
            return web.Response(status=403, body=CHALLENGE, content_type="text/html")
        if behaviour == "garbled":
            return web.Response(body=b"{}", headers={"Content-Encoding": "gzip"})
        if behaviour == "echo":
            return web.json_response({"error": f"you sent {authorization}"}, status=500)
        return web.json_response({"id": 1})


@contextmanager
def serving(
    other: str = "", host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[ApiServer]:
    server, loop = ApiServer(other), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(server.answer, handler_cancellation=True), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, host, 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        server.url = f"{'https' if tls else 'http'}://{'localhost' if tls else host}:{port}"
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


@contextmanager
def answering_once(answer: bytes) -> Iterator[str]:
    """A server that answers one request with these bytes; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()
