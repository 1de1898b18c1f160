"""Scrapy's HTTP/1.1 client through a proxy: a tunnel that fails at once and leaves nothing open."""

from __future__ import annotations

import re
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    _ScrapyAgent,
    _TunnelingAgent,
    _TunnelingTCP4ClientEndpoint,
)
from scrapy.utils._download_handlers import normalize_bind_address
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent

from tvspiders.middlewares.network import TunnelRefused
from tvspiders.policies.security.proxy_address import ProxyAddress

LONGEST_HEAD = 65_536
"""Bytes that a proxy may say before the tunnel is open."""
_STATUS = re.compile(rb"HTTP/1\.\d (\d{3})\b")


class Tunnel(_TunnelingTCP4ClientEndpoint):
    """An endpoint behind CONNECT.

    Scrapy's own (2.19) waits for the whole timeout when the proxy closes the
    connection instead of answering, and keeps the connection open for as long as
    the proxy likes after a refusal or a timeout: with thousands of silent routes
    that uses up all file descriptors. What the proxy says is in its exceptions.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ready: Deferred[Protocol] = self._tunnelReadyDeferred
        self._ready.addErrback(self._abort)

    def requestTunnel(self, protocol: Protocol) -> Protocol:  # noqa: N802 - Scrapy's name
        """Ask for the tunnel, and watch for the end of the connection until it is there."""
        if self._ready.called:  # the wait was cancelled while the connection was being made
            _abort_transport(protocol)
            return protocol
        super().requestTunnel(protocol)
        lost = protocol.connectionLost

        def connection_lost(reason: Failure = connectionDone) -> None:
            if not self._ready.called:
                self._ready.errback(TunnelRefused())
            lost(reason)

        protocol.connectionLost = connection_lost  # type: ignore[method-assign]
        return protocol

    def processProxyResponse(self, data: bytes) -> None:  # noqa: N802 - Scrapy's name
        """Begin TLS with the API once the proxy has answered with a 2xx."""
        if self._ready.called:
            return
        self._connectBuffer += data
        head, end, _ = self._connectBuffer.partition(b"\r\n\r\n")
        if not end and len(head) < LONGEST_HEAD:
            return
        found = _STATUS.match(head)
        status = int(found[1]) if found and end else None
        if status is None or not 200 <= status < 300:
            self._ready.errback(TunnelRefused(status))
            return
        self._protocol.dataReceived = self._protocolDataReceived  # type: ignore[method-assign]
        creator: Any = self._contextFactory
        options = creator.creatorForNetloc(self._tunneledHost, self._tunneledPort)
        transport: Any = self._protocol.transport
        transport.startTLS(options, self._protocolFactory)
        self._ready.callback(self._protocol)

    def _abort(self, failure: Failure) -> Failure:
        protocol: Protocol | None = getattr(self, "_protocol", None)
        if protocol is not None:
            _abort_transport(protocol)
        return failure


class _TunnelAgent(_TunnelingAgent):
    def _getEndpoint(self, uri: URI) -> Tunnel:  # noqa: N802 - Twisted's name
        return Tunnel(
            reactor=self._reactor,
            host=uri.host,
            port=uri.port,
            proxyConf=self._proxyConf,
            contextFactory=self._contextFactory,
            timeout=self._endpointFactory._connectTimeout,
            bindAddress=self._endpointFactory._bindAddress,
        )


class ProxyAgent(_ScrapyAgent):
    """Scrapy's client through one proxy, whose credentials are no header of the request."""

    def __init__(self, proxy: ProxyAddress, **options: Any) -> None:
        super().__init__(**options)
        self._proxy = proxy

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        from twisted.internet import reactor

        if not request.url.startswith("https:"):
            # only to the API itself, which the address check makes sure of
            sent = request.copy()
            sent.meta["proxy"] = f"http://{self._proxy}"
            return super()._get_agent(sent, timeout)
        return _TunnelAgent(
            reactor=reactor,
            proxyConf=(self._proxy.host, self._proxy.port, self._proxy.authorization()),
            contextFactory=self._contextFactory,
            connectTimeout=timeout,
            bindAddress=normalize_bind_address(self._bindAddress),
            pool=self._pool,
        )


def _abort_transport(protocol: Protocol) -> None:
    transport: Any = protocol.transport
    if transport is not None:
        transport.abortConnection()
