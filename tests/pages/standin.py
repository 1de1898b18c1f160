"""Speaks Splash's HTTP API (``render.json`` as this project asks it) and renders with headless Chromium.

Without Chromium, or where a test does not need it, a page is handed on as it came, beside one pixel.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
        self.hang = False

    @property
    def pages(self) -> list[str]:
        """Addresses that were to be rendered."""
        return [arguments["url"] for _, arguments in self.asked]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """One question."""
        if request.path == "/_ping":
            return web.json_response({"status": "ok", "maxrss": 1})
        if request.path != "/render.json" or request.method != "POST":
            return web.json_response({"error": 404, "type": "NotFound"}, status=404)
        arguments = await request.json()
        self.asked.append((dict(request.headers), arguments))
        if self.hang:
            await asyncio.sleep(120)
        if self.failures:
            self.failures -= 1
            return web.json_response(
                {
                    "error": 504,
                    "type": "GlobalTimeoutError",
                    "description": "Timeout exceeded",
                },
                status=504,
            )
        return web.json_response(await self._render(arguments))

    async def _render(self, arguments: dict[str, Any]) -> dict[str, Any]:
        headers = dict(arguments.get("headers") or {})
        async with aiohttp.ClientSession() as session, session.get(arguments["url"], headers=headers) as page:
            html, final, status = await page.text(), str(page.url), page.status
            named = [{"name": name, "value": value} for name, value in page.headers.items()]
        png = PIXEL
        if self.browser:
            html, png = await _chromium(final, headers.get("User-Agent", ""), float(arguments["wait"]))
        title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
        return {
            "url": final,
            "requestedUrl": arguments["url"],
            "geometry": [0, 0, 1366, 900],
            "title": title[1] if title else "",
            "html": html,
            "png": base64.b64encode(png).decode(),
            "history": [{"request": {}, "response": {"status": status, "url": final, "headers": named}}],
        }


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

    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
