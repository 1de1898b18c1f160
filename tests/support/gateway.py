"""A real proxy in a process of its own: Basic authentication, CONNECT, faults by session, and a memory.

    python tests/support/gateway.py '{"password": "secret"}'

listens on loopback, prints its port and serves until its input ends. The user name is the session. Each
session has at most one fault, drawn from its name or given by name. What it has seen is asked at ``/_seen``;
``/_set?all=dead`` changes a fault for everybody and cuts the tunnels, ``/_set?all=`` ends it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
import ssl
import struct
import sys
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FAULTS = ("dead", "silent", "page", "reset", "mute", "closed", "echo")
"""502; no answer; a 403 page; a reset; a tunnel that leads nowhere; the end of the connection; 502 with
the credentials in the reason."""
PAGE = b"<!DOCTYPE html><html><head><title>Access denied</title></head><body>No.</body></html>"
FROM = "127.0.0.2"
"""Where the proxy connects from, so that an origin can tell its traffic from direct traffic."""


class Gateway:
    def __init__(self, config: dict[str, Any]) -> None:
        self.password: str | None = config.get("password")
        self.shares: dict[str, float] = config.get("shares", {})
        self.faults: dict[str, str] = config.get("faults", {})
        self.everybody: str = config.get("all", "")
        self.upstream: str = config.get("from", FROM)
        self.seen: list[dict[str, Any]] = []
        self.open = 0
        self.tunnels: dict[asyncio.StreamWriter, str] = {}
        self.tls: ssl.SSLContext | None = None
        if "certificate" in config:
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(config["certificate"], config["key"])

    def fault(self, user: str) -> str:
        if self.everybody or user in self.faults:
            return self.everybody or self.faults[user]
        draw = int.from_bytes(hashlib.sha256(user.encode()).digest()[:8], "big") / 2**64
        for fault, share in self.shares.items():
            draw -= share
            if draw < 0:
                return fault
        return ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ", 2)
            headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head[1:-2]}
            if target.startswith("/_"):
                self._control(target, writer)
                await writer.drain()
                continue
            user, password = credentials(headers.get("proxy-authorization", ""))
            fault = self.fault(user)
            entry: dict[str, Any] = {
                "user": user,
                "method": method,
                "target": target,
                "headers": headers,
                "fault": fault,
            }
            entry |= {"up": 0, "down": 0, "clear": "", "outcome": "served"}
            self.seen.append(entry)
            if self.password is not None and password != self.password:
                entry["outcome"] = "login"
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                return
            if fault and fault != "mute":
                entry["outcome"] = fault
                await self._spoil(fault, user, password, reader, writer)
                return
            if method != "CONNECT":
                writer.write(b"HTTP/1.1 501 Only CONNECT\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                return
            await self._tunnel(target, entry, reader, writer)
            return

    async def _spoil(
        self, fault: str, user: str, password: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if fault == "silent":
            await reader.read()  # until the client has had enough
        elif fault == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        elif fault == "page":
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE))
        elif fault in ("dead", "echo"):
            said = f"{user}:{password}" if fault == "echo" else "Bad Gateway"
            writer.write(f"HTTP/1.1 502 {said}\r\nX-Said: {said}\r\nContent-Length: 0\r\n\r\n".encode())
        with suppress(OSError):
            await writer.drain()

    async def _tunnel(
        self,
        target: str,
        entry: dict[str, Any],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if self.tls is not None or entry["fault"] == "mute":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            if self.tls is not None:
                entry["outcome"] = "intercepted"
                with suppress(OSError):
                    await writer.start_tls(self.tls)
                    entry["clear"] = (await reader.read(65536)).decode("latin-1")
            else:
                entry["outcome"] = "mute"
                await reader.read()
            return
        host, _, port = target.rpartition(":")
        try:
            there, back = await asyncio.open_connection(host, int(port), local_addr=(self.upstream, 0))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.tunnels[writer] = entry["user"]
        await asyncio.gather(
            _relay(reader, back, entry, "up"), _relay(there, writer, entry, "down"), return_exceptions=True
        )
        self.tunnels.pop(writer, None)

    def _control(self, target: str, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(target)
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if name == "all":
                self.everybody = value
            elif value:
                self.faults[name] = value
            else:
                self.faults.pop(name, None)
            for tunnel, user in list(self.tunnels.items()):
                if value and name in ("all", user):
                    tunnel.close()
        body = json.dumps({"seen": self.seen, "open": self.open}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def credentials(header: str) -> tuple[str, str]:
    """User name and password of a ``Basic`` header."""
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    user, _, password = base64.b64decode(text).decode().partition(":")
    return user, password


async def _relay(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, entry: dict[str, Any], way: str
) -> None:
    try:
        while data := await source.read(65536):
            entry[way] += len(data)
            if b"bearer" in data.lower():
                entry["clear"] += data.decode("latin-1")
            sink.write(data)
            await sink.drain()
    finally:
        with suppress(OSError):
            sink.close()


async def main() -> None:
    gateway = Gateway(json.loads(sys.argv[1]))
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
