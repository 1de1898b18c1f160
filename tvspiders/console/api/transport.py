"""How commands that ask a single question leave this machine: as the crawls do."""

from __future__ import annotations

import http.client
import re
import secrets
import socket
import ssl
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from tvspiders.middlewares.proxies import configured_proxies, country_codes
from tvspiders.policies.security.proxy_address import DIRECT, Route
from tvspiders.policies.security.redaction import mask_answer

TIMEOUT = 20.0
"""Seconds for one answer."""
TRIES = 3
"""Sessions of a gateway to try."""


def ways_out(settings: BaseSettings) -> list[Route]:
    """The routes to try, one after the other; the direct one without proxies, or as the last one allowed.

    Raises:
        ConfigProblem: for proxies that cannot be used.

    """
    proxies = configured_proxies(settings)
    if proxies is None:
        return [DIRECT]
    routes = [Route(f"exit-{number}", address) for number, address in enumerate(proxies.addresses, 1)]
    if proxies.gateway is not None:
        countries = country_codes(settings)
        for turn in range(TRIES):
            country = countries[turn % len(countries)] if countries else None
            address = proxies.gateway.session(secrets.token_hex(5), country)
            routes.append(Route(f"gateway-{country}" if country else "gateway", address))
    return [*routes, DIRECT] if settings.get("TV_PROXY_FALLBACK") == "direct" else routes


def why(error: Exception) -> str:
    """What a failure of :func:`fetch` means, without a word of what a proxy said."""
    status = re.match(r"Tunnel connection failed: (\d{3})\b", str(error))
    if status:
        said = {"407": " (user name or password)"}.get(status[1], "")
        return f"the proxy answers {status[1]}{said}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the certificate is not the API's; no token was sent"
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT:.0f} s"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    return "the connection was closed" if isinstance(error, ConnectionError) else type(error).__name__


class Unconnected(Exception):
    """There was no connection, so nothing was sent (raised by :func:`fetch`); ``error`` says why."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


def fetch(
    url: str, headers: dict[str, str], way: Route, most: int, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """Send one request without a body through one proxy; returns status, headers and at most so many bytes.

    What is returned holds no secret of this process.
    Certificates are those of the API, seen through the tunnel. Raises ``Unconnected`` before anything is
    sent, ``OSError`` or ``http.client.HTTPException`` afterwards; their texts may hold what a proxy said,
    and must not be shown.
    """
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    address, secret = way.address, way.address.authorization() if way.address else None
    sent = {"Proxy-Authorization": secret.decode()} if secret else {}
    connection: http.client.HTTPConnection
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        context = ssl.create_default_context()
        at = (address.host, address.port) if address else (host, port)
        connection = http.client.HTTPSConnection(*at, timeout=TIMEOUT, context=context)
        if address:
            connection.set_tunnel(host, port, sent)
    else:
        # a proxy of a plain API is the API itself, else it would not have been accepted
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        if address:
            target, headers = url, headers | sent
    try:
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            raise Unconnected(error) from None
        connection.request(method, target, headers=headers)
        response = connection.getresponse()
        found, body = mask_answer(response.getheaders(), response.read(most))
        return response.status, dict(found), body
    finally:
        connection.close()
