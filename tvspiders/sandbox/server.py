"""Serve the sandbox on a socket."""

from __future__ import annotations

import asyncio
import gzip
import math
import signal
import socket
import ssl
import struct
import time
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qsl

from aiohttp import web

from tvspiders.sandbox.api import answers
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.catalogue.mixing import Source
from tvspiders.sandbox.config import ConfigError, SandboxConfig
from tvspiders.sandbox.front import Front
from tvspiders.sandbox.front.control import PREFIX, Control

KEEP_ALIVE = 120.0
"""Seconds an idle connection stays open."""

SLOW = 1.0
"""Seconds from byte to byte of a slow answer."""

_COMPRESS_FROM = 500
"""Bytes under which gzip is not worth it."""


class Server:
    """Serves one `Front`."""

    def __init__(self, config: SandboxConfig) -> None:
        self.front = Front(config)
        self._config = config
        self._control = Control(self.front) if config.control else None
        self._jitter = Source(config.seed, "jitter")
        self._web: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self.url = ""
        self.waiting = 0
        """Requests that are held, or never answered, as long as somebody waits for them."""
        self._held_from = math.inf
        self._moved = asyncio.Event()

    async def start(self) -> None:
        """Listen; `url` is known afterwards."""
        config = self._config
        context = None
        if config.certfile:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            try:
                context.load_cert_chain(config.certfile, config.keyfile)
            except OSError as wrong:  # ssl.SSLError is one
                raise ConfigError(
                    f"certfile {config.certfile!r} cannot be used ({wrong}); accepted: a PEM file"
                ) from wrong
        loop = asyncio.get_running_loop()
        # Cancelling what nobody waits for any more keeps stalled answers from piling up.
        self._web = web.Server(
            self._handle, handler_cancellation=True, keepalive_timeout=KEEP_ALIVE, access_log=None
        )
        self._listener = await loop.create_server(
            self._web, config.host, config.port, ssl=context, backlog=1024, reuse_address=True
        )
        port = self._listener.sockets[0].getsockname()[1]
        host = f"[{config.host}]" if ":" in config.host else config.host
        self.url = f"{'https' if context else 'http'}://{host}:{port}"

    async def stop(self) -> None:
        """Stop at once: responses in flight and stalled ones are cut off."""
        if self._listener:
            self._listener.close()
        if self._web:
            await self._web.shutdown(timeout=0.05)

    async def hold(self, after: float) -> None:
        """Answer requests up to number ``after`` (the first is 0), and let all others wait."""
        self._held_from = after
        self._moved.set()
        self._moved = asyncio.Event()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        target = request.raw_path
        ask = Ask.read(target, method="GET" if request.method == "HEAD" else request.method)
        if self._control and ask.segments[:1] == [PREFIX]:
            return await self._control.handle(request, ask)
        ask.token = _token(request, ask)
        ask.form = await _form(request)
        ask.base = f"{request.scheme}://{request.host}"
        if ask.query.pop("access_token", None) is not None:
            rest = [
                part for part in target.partition("?")[2].split("&") if not part.startswith("access_token=")
            ]
            target = ask.path + ("?" + "&".join(rest) if rest else "")
        address = request.remote or ""
        decision = self.front.decide(ask, target, session=_session(request), address=address, now=time.time())
        await self._let_through(ask.ordinal)
        if self._config.latency or self._config.jitter:
            extra = self._config.jitter * self._jitter.share(ask.ordinal)
            await asyncio.sleep((self._config.latency + extra) / 1000)
        if decision.manner == "stall":
            await self._wait(asyncio.Event())
        if decision.manner == "reset" and request.transport:
            _reset(request.transport)
        if decision.answer is None:
            return web.Response()
        if decision.manner in ("truncated", "slow"):
            return await _in_part(request, decision.answer, slow=decision.manner == "slow")
        return _response(request, decision.answer)

    async def _let_through(self, number: int) -> None:
        while number >= self._held_from:
            await self._wait(self._moved)

    async def _wait(self, event: asyncio.Event) -> None:
        self.waiting += 1
        try:
            await event.wait()
        finally:
            self.waiting -= 1


def _token(request: web.BaseRequest, ask: Ask) -> str:
    """The bearer token, of the header or else of the query."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return ask.query.get("access_token", "")


async def _form(request: web.BaseRequest) -> dict[str, str]:
    """The body of a form; what cannot be read is none."""
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
        return {}
    with suppress(UnicodeDecodeError, ValueError, web.HTTPException):
        return dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    return {}


def _session(request: web.BaseRequest) -> str:
    """The user name given to the proxy, when the sandbox is used as one."""
    scheme, _, text = request.headers.get("Proxy-Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    with suppress(BadBase64, UnicodeDecodeError):
        return b64decode(text).decode().partition(":")[0]
    return ""


def _response(request: web.BaseRequest, answer: answers.Answer) -> web.Response:
    headers = answers.COMMON | answer.headers
    headers["Content-Type"] = answer.content_type
    body = answer.body
    unpacked = "Content-Encoding" not in headers
    if unpacked and len(body) > _COMPRESS_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    response = web.Response(status=answer.status, body=body, headers=headers)
    for cookie in answers.COOKIES:
        response.headers.add("Set-Cookie", cookie)
    return response


async def _in_part(request: web.BaseRequest, answer: answers.Answer, *, slow: bool) -> web.StreamResponse:
    """Promise the whole body; send half of it and close, or all of it byte by byte."""
    headers = answers.COMMON | answer.headers | {"Content-Type": answer.content_type}
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = max(2, len(answer.body))
    await response.prepare(request)
    if slow:
        for byte in answer.body:
            await response.write(bytes((byte,)))
            await asyncio.sleep(SLOW)
        return response
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport:
        request.transport.close()
    return response


def _reset(transport: asyncio.BaseTransport) -> None:
    """Close so that the other side sees a reset, not an end."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.Transport):
        transport.abort()


async def serve(config: SandboxConfig, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``announce`` gets the address."""
    try:
        server = Server(config)
        await server.start()
    except OSError as wrong:
        raise ConfigError(str(wrong)) from wrong
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    try:
        announce(server.url)
        await ended.wait()
    finally:
        await server.stop()
