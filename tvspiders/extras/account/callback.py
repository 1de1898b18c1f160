"""Receive the redirect of the browser on loopback, once."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from aiohttp import web

from tvspiders.errors import AccountProblem, ConfigProblem
from tvspiders.extras.account import pages
from tvspiders.extras.account.attempt import Attempt

HOST = "127.0.0.1"
LARGEST = 8192
"""Most bytes of a posted fragment."""


class Callback:
    """Waits on the attempt's one-time path for the code or the token.

    Everything else is answered 404 and changes nothing, so that neither a
    curious neighbour nor a page in another tab can end a sign-in.
    """

    def __init__(self, attempt: Attempt, port: int) -> None:
        self._attempt = attempt
        self._port = port
        self._found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._listener: asyncio.Server | None = None
        # The library logs lines of requests that it cannot read; a code could be in one.
        quiet = logging.Logger("tvspiders.callback", logging.CRITICAL + 1)
        self._web = web.Server(self._handle, access_log=None, logger=quiet, keepalive_timeout=5)

    async def start(self) -> str:
        """Listen; returns the callback address. Raises ``ConfigProblem`` when the port is taken."""
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(self._web, HOST, self._port)
        except OSError as error:
            raise ConfigProblem(
                f"port {self._port} cannot be listened on ({error.strerror}); name another with --port, and "
                "in the app's callback address"
            ) from None
        self._port = self._listener.sockets[0].getsockname()[1]
        return f"{self._origin}{self._attempt.path}"

    async def wait(self) -> str:
        """The code or token. Raises ``AccountProblem`` when it was declined or cannot be trusted."""
        return await asyncio.shield(self._found)

    async def stop(self) -> None:
        """Send the browser its last page, then close."""
        if self._listener is not None:
            self._listener.close()
        await self._web.shutdown(timeout=2.0)
        if self._found.done() and not self._found.cancelled():
            self._found.exception()
        else:
            self._found.cancel()

    @property
    def _origin(self) -> str:
        return f"http://{HOST}:{self._port}"

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        # A name that leads here from outside (DNS rebinding) is not the address that was given out.
        if request.path != self._attempt.path or request.host != f"{HOST}:{self._port}":
            return _answer(404, "Not found.")
        if request.method == "GET":
            return self._came_back(request)
        if request.method == "POST" and self._attempt.implicit:
            return await self._posted(request)
        return _answer(404, "Not found.")

    def _came_back(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._found.done():
            return _answer(410, pages.OVER)
        if self._attempt.implicit:
            return _answer(200, pages.READING, pages.SCRIPT)
        if not request.query_string:
            return _answer(404, "Not found.")
        return _answer(*self._take(request.rel_url.raw_query_string))

    async def _posted(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Origin") != self._origin or (request.content_length or 0) > LARGEST:
            return _answer(404, "Not found.")
        body = bytearray()
        while len(body) <= LARGEST and (part := await request.content.read(LARGEST)):
            body += part
        if self._found.done() or len(body) > LARGEST:
            return _plain(410, pages.OVER)
        with suppress(UnicodeDecodeError):
            return _plain(*self._take(bytes(body).decode("ascii")))
        return _plain(400, pages.REFUSED)

    def _take(self, encoded: str) -> tuple[int, str]:
        try:
            self._found.set_result(self._attempt.read(encoded, at_path=True))
        except AccountProblem as problem:
            self._found.set_exception(problem)
            return 400, pages.REFUSED
        return 200, pages.ARRIVED


def _answer(status: int, said: str, script: str = "") -> web.Response:
    return web.Response(
        status=status,
        body=pages.page(said, script),
        headers=pages.headers(script) | {"Content-Type": "text/html; charset=utf-8"},
    )


def _plain(status: int, said: str) -> web.Response:
    return web.Response(status=status, text=said, headers=pages.headers())
