"""A site whose pages are not what one hopes for, and another host beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OTHER = "127.0.0.2"
"""The other host."""
SLOW = 12.0
"""Seconds that a picture takes: longer than Scrapy waits for an answer by itself."""


class Site(ThreadingHTTPServer):
    """``/thing:N`` is of the kind that ``kinds`` says; ``seen`` are the paths that were asked."""

    daemon_threads = True
    other = ""

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Page)
        self.kinds: dict[int, str] = {}
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return "http://{}:{}".format(*self.server_address[:2])


class _Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        """One page."""
        self.server.seen.append(self.path)
        other = self.server.other + "/landing"
        thing = self.path.removeprefix("/thing:")
        kind = self.server.kinds.get(int(thing), "") if thing.isdigit() else ""
        if self.path == "/slow.png":
            time.sleep(SLOW)
        if kind == "reset":
            self.close_connection = True
            return
        status = {"redirect": 302, "forbidden": 403, "broken": 500}.get(kind, 200)
        body = {
            "framed": f'<iframe src="{other}"></iframe><img src="{other}.png"><p>shown</p>',
            "slow": '<img src="/slow.png"><p>shown</p>',
            "script": f"<script>setTimeout(() => {{ location = '{other}' }}, 50)</script>",
            "forbidden": "",
            "redirect": "",
        }.get(kind, "<p>shown</p>")
        page = f"<!DOCTYPE html><title>{kind}</title>{body}".encode() if body else b""
        self.send_response(status)
        if kind == "redirect":
            self.send_header("Location", other)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def odd_site() -> Iterator[tuple[Site, Site]]:
    """Such a site, and the other host that its pages name."""
    with Site("127.0.0.1") as site, Site(OTHER) as other:
        site.other = other.url
        threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in (site, other)]
        for thread in threads:
            thread.start()
        try:
            yield site, other
        finally:
            site.shutdown()
            other.shutdown()
            for thread in threads:
                thread.join(60)
