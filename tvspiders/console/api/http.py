"""One HTTP request outside of a crawl: no redirects, no cookies, certificates verified, secrets masked."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tvspiders.errors import NoReply, NotSent
from tvspiders.policies.security.proxy_address import DIRECT, Route
from tvspiders.policies.security.redaction import mask_answer

TIMEOUT = 20.0
"""Seconds for the connection, through a proxy or not, and for each wait for more of the response."""
DEADLINE = 1.5
"""All of it may take so many times as long."""
MAX_BODY = 32 * 1024 * 1024
"""Bytes of a body that are read; the rest is left."""

T = TypeVar("T")


@dataclass(frozen=True)
class HttpResponse:
    """A response, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def send(
    method: str,
    url: str,
    headers: Mapping[str, str],
    form: Mapping[str, str] | None = None,
    *,
    what: str,
    route: Route = DIRECT,
    timeout: float = TIMEOUT,
    largest: int = MAX_BODY,
    is_secret: bool = False,
) -> HttpResponse:
    """Send one request, once; ``what`` names the other side and the setting to check, for a person.

    Secrets are masked in the response, but for one that ``is_secret`` itself: a site may give the token
    that we have already, and nothing of such a response may be shown as it is.

    Raises:
        NotSent: when there was no connection, so that certainly nothing happened.
        NoReply: when the request was sent and no whole response came.

    """
    connected = False

    async def note_connection(*_: object) -> None:
        nonlocal connected
        connected = True

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(note_connection)
    proxy, for_proxy = _proxy(route)
    sent = {"Accept-Encoding": "identity", **headers}
    if not url.startswith("https:"):
        sent |= for_proxy  # there is no tunnel
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=DEADLINE * timeout, connect=timeout, sock_read=timeout),
                connector=aiohttp.TCPConnector(resolver=_Resolver(), ssl=_certificates(url)),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                middlewares=[_once],
                trace_configs=[trace],
            ) as session,
            session.request(
                method,
                URL(url, encoded=True),
                headers=sent,
                data=form,
                allow_redirects=False,
                proxy=proxy,
                proxy_headers=dict(for_proxy),
            ) as response,
        ):
            body = bytearray()
            while len(body) < largest and (part := await response.content.read(largest - len(body))):
                body += part
            found, kept = list(response.headers.items()), bytes(body)
    except (aiohttp.ClientError, OSError) as error:
        problem, (name, _, setting) = why(error, timeout), what.partition("/")
        failed, verb = (NoReply, "did not answer") if connected else (NotSent, "cannot be reached")
        raise failed(
            f"{name} at {urlsplit(url).hostname} {verb} ({problem}); check the network and {setting}", problem
        ) from None
    if not is_secret:
        found, kept = mask_answer(found, kept)
    return HttpResponse(response.status, dict(found), kept)


def why(error: Exception, timeout: float = TIMEOUT) -> str:
    """What an error means, without a word of the other side or of a proxy."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answers {error.status}" + (
            " (user name or password)" if error.status == 407 else ""
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate cannot be verified; no token was sent"
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, aiohttp.ClientConnectorDNSError) or isinstance(cause, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED:
        return "connection refused"
    if isinstance(cause, ConnectionError | aiohttp.ServerConnectionError | _ConnectionLost):
        return "the connection was closed"
    return type(cause).__name__


def _certificates(url: str) -> ssl.SSLContext | bool:
    """The certificates that are trusted now; aiohttp has read its own when it was imported."""
    if not url.startswith("https:"):
        return True
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _proxy(route: Route) -> tuple[str | None, Mapping[str, str]]:
    """Address of the proxy of a route, and the header that it alone may see."""
    if route.address is None:
        return None, {}
    secret = route.address.authorization()
    return f"http://{route.address}", {"Proxy-Authorization": secret.decode()} if secret else {}


class _ConnectionLost(aiohttp.ClientError):
    """The connection was closed before a response came (raised by :func:`_once`)."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request a second time by itself: each one counts in the quota."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _ConnectionLost from error


class _Resolver(AbstractResolver):
    """Resolve names in a thread that does not hold up the end of the process, as asyncio's own would."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses of a host; raises ``OSError`` when there is none."""
        found = await _in_thread(lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))
        return [
            ResolveResult(
                hostname=host, host=str(place[0]), port=port, family=kind, proto=proto, flags=_NUMERIC
            )
            for kind, _, proto, _, place in found
        ]

    async def close(self) -> None:
        """Nothing is kept."""


_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


async def _in_thread(work: Callable[[], T]) -> T:
    """The result of ``work``; the thread is left alone when nothing waits for it any more (Ctrl-C)."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(finish, result, error)

    threading.Thread(target=run, name="tvspiders-resolver", daemon=True).start()
    return await future
