"""Speaks Splash's HTTP API (``execute`` with this project's script) and renders with headless Chromium.

Its answers are those of a Splash 3.5; it runs no Lua, and does by itself what the script asks for.
Without Chromium, or where a test does not need it, a page is handed on as it came, beside one pixel.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import math
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import web

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in BROWSERS if (found := shutil.which(name))), None)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Splash:
    """What was asked, and how to behave: ``failures`` answers 504 so many times first."""

    def __init__(self, browser: bool) -> None:
        self.browser = browser and CHROMIUM is not None
        self.url = ""
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []
        """Headers and arguments of each question."""
        self.failures = 0
        self.hang_after = math.inf
        """Questions after which none is answered."""

    @property
    def pages(self) -> list[str]:
        """Addresses that were to be rendered."""
        return [arguments["url"] for _, arguments in self.asked]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """One question."""
        if request.path == "/_ping":
            return web.json_response({"status": "ok", "maxrss": 1})
        if request.path != "/execute" or request.method != "POST":
            return web.Response(text="<h1>No Such Resource</h1>", content_type="text/html", status=404)
        arguments = await request.json()
        assert "splash:go(args.url)" in arguments["lua_source"]
        self.asked.append((dict(request.headers), arguments))
        if len(self.asked) > self.hang_after:
            await asyncio.Event().wait()
        if self.failures:
            self.failures -= 1
            return web.json_response(
                {
                    "error": 504,
                    "type": "GlobalTimeoutError",
                    "description": "Timeout exceeded rendering page",
                    "info": {"remaining": -0.1, "timeout": arguments["timeout"]},
                },
                status=504,
            )
        return web.json_response(await self._render(arguments))

    async def _render(self, arguments: dict[str, Any]) -> dict[str, Any]:
        url, headers, png = arguments["url"], dict(arguments.get("headers") or {}), PIXEL
        try:
            page = await _fetch(url, headers, arguments["allowed_domains"])
        except OffSite:
            return _no_page("", 0, "network301", "Protocol &quot;&quot; is unknown")
        except aiohttp.ClientError:
            return _no_page(url, 0, "network2", "Connection closed")
        if page.status >= 400 and not page.html:
            return _no_page(page.url, page.status, f"http{page.status}", "")
        html = page.html
        if self.browser:
            html, png = await _chromium(page.url, headers.get("User-Agent", ""), float(arguments["wait"]))
        title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
        said = _answer(page.url, page.status, page.headers, title[1] if title else "", html, png)
        return said | ({} if page.status < 400 else {"trouble": f"http{page.status}"})


class OffSite(Exception):
    """A page led to a host that may not be asked."""


@dataclass
class Fetched:
    """A page as it came."""

    url: str
    status: int
    headers: list[dict[str, str]]
    html: str


async def _fetch(url: str, headers: dict[str, str], allowed: str) -> Fetched:
    """The page, after redirects within the hosts that are allowed."""
    async with aiohttp.ClientSession() as session:
        while True:
            host = urlsplit(url).hostname or ""
            if host != allowed and not host.endswith("." + allowed):
                raise OffSite(host)
            async with session.get(url, headers=headers, allow_redirects=False) as page:
                if "Location" not in page.headers:
                    named = [{"name": name, "value": value} for name, value in page.headers.items()]
                    return Fetched(url, page.status, named, await page.text())
                url = urljoin(url, page.headers["Location"])


def _answer(
    url: str, status: int, headers: list[dict[str, str]], title: str, html: str, png: bytes
) -> dict[str, Any]:
    response = {"status": status, "ok": 0 < status < 400, "url": url, "headers": headers}
    return {
        "url": url,
        "title": title,
        "html": html,
        "png": base64.b64encode(png).decode(),
        "history": [{"request": {"url": url}, "response": response}],
    }


def _no_page(url: str, status: int, trouble: str, said: str) -> dict[str, Any]:
    """What Splash shows where no page came."""
    title = "Failed loading page"
    html = f"<html><head><title>{title}</title></head><body><h1>{title} ({said})</h1></body></html>"
    return _answer(url, status, [], title, html, PIXEL) | {"trouble": trouble}


async def _chromium(url: str, agent: str, wait: float) -> tuple[str, bytes]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        picture = Path(folder) / "page.png"
        process = await asyncio.create_subprocess_exec(
            str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={folder}/profile", f"--user-agent={agent}", "--window-size=1366,900",
            f"--virtual-time-budget={int(wait * 1000)}", "--dump-dom", f"--screenshot={picture}", url,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            out, _ = await process.communicate()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        return out.decode(), picture.read_bytes()


@contextmanager
def splash(*, browser: bool = False) -> Iterator[Splash]:
    """A server on a thread of its own."""
    server, loop = Splash(browser), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(server.answer, handler_cancellation=True), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(60)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()
