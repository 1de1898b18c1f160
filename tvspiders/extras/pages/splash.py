"""Render pages with Splash."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from tvspiders.errors import TvspidersError
from tvspiders.extras.pages.splash_handler import SplashHandler
from tvspiders.extras.pages.splash_shim import load_splash
from tvspiders.policies.security.origin import Origin

TIMEOUT = 60
"""Seconds that Splash may take for a page."""
PATIENCE = TIMEOUT + 5
"""Seconds until an answer of Splash is not waited for any more: it reports its own timeout before."""
SITE = "thingiverse.com"
NO_PAGE = "Failed loading page"
"""The title that Splash itself gives to what it shows in the place of a page."""
# not render.json: there a frame of another host, which is not loaded, makes the whole page a failure, and an
# error without a body, or a way to another host, comes without what the page's own answer was
SCRIPT = """
function main(splash, args)
  splash:set_viewport_size(args.width, args.height)
  splash:set_custom_headers(args.headers)
  splash.resource_timeout = args.resource_timeout
  local _, trouble = splash:go(args.url)
  splash:wait(args.wait)
  return {
    url = splash:url(), title = splash:evaljs("document.title"), html = splash:html(),
    png = splash:png{render_all = true}, history = splash:history(), trouble = trouble,
  }
end
"""


class SplashTrouble(TvspidersError):
    """Splash did not render a page; ``again`` says whether a retry may help."""

    def __init__(self, reason: str, detail: str = "", *, again: bool = True) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.again = again


class Splash:
    """A Splash server, asked through scrapy-splash.

    What the page asks for is limited to the site's own hosts, and the site sees our
    own User-Agent.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        module = load_splash()
        base = str(settings["SPLASH_URL"]).rstrip("/") + "/"
        self._crawler = crawler
        self._handler = SplashHandler(crawler, Origin.parse(base))
        self._request_class = module.SplashRequest
        # a slot of its own for all pages: the other policies ask Scrapy for a method that is gone
        self._slots = module.SlotPolicy.SINGLE_SLOT
        self._middleware = module.SplashMiddleware(crawler, base, self._slots, True, None)
        self._agent = str(settings["USER_AGENT"])
        self._wait = settings.getfloat("TV_PAGE_WAIT")

    async def render(self, url: str) -> dict[str, Any]:
        """What Splash made of a page: ``url``, ``status``, ``mitigated``, ``title``, ``html``, ``png``.

        ``url`` is empty when the page led to another host, where Splash does not go.

        Raises:
            SplashTrouble: when Splash answers, but not with a page.

        """
        question = self.question(url)
        response = await self._handler.download_request(question)
        answered = self._middleware.process_response(question, response, self._crawler.spider)
        if response.status == 404:
            raise SplashTrouble(
                "splash-404", "it runs no Lua scripts; was it started with --disable-lua?", again=False
            )
        try:
            data = answered.data
        except (ValueError, AttributeError):
            raise SplashTrouble("splash-shape", f"status {response.status}") from None
        if response.status != 200 or not isinstance(data, dict):
            raise SplashTrouble(f"splash-{response.status}", _said(data), again=response.status != 400)
        if not isinstance(data.get("html"), str) or not _is_base64(data.get("png")):
            raise SplashTrouble("splash-shape", "no html or no png", again=False)
        status, mitigated, whole = _last(data.get("history"))
        if data.get("url") and not whole and (not status or 200 <= status < 300):
            raise SplashTrouble("splash-page", str(data.get("trouble") or "the page did not arrive"))
        return {
            "url": data.get("url"),
            "status": status or None,
            "mitigated": mitigated,
            "title": None if data.get("title") == NO_PAGE else data.get("title"),
            "html": data["html"],
            "png": data["png"],
        }

    def question(self, url: str) -> Request:
        """The POST that asks for a page."""
        host = urlsplit(url).hostname or ""
        ours = host == SITE or host.endswith("." + SITE)
        request = self._request_class(
            url,
            endpoint="execute",
            args={
                "lua_source": SCRIPT,
                "wait": self._wait,
                "timeout": TIMEOUT,
                "resource_timeout": TIMEOUT / 2,
                "width": 1366,
                "height": 900,
                "allowed_domains": SITE if ours else host,
            },
            headers={"User-Agent": self._agent},
            meta={"download_timeout": PATIENCE},
            slot_policy=self._slots,
            magic_response=False,
            http_status_from_error_code=False,
        )
        asked: Request = self._middleware.process_request(request, self._crawler.spider)
        return asked

    async def close(self) -> None:
        """Let go of connections."""
        await self._handler.close()


def _last(history: Any) -> tuple[int | None, str | None, bool]:
    """Status and bot-protection header of the last answer to the page itself, and whether it came whole."""
    for entry in reversed(history if isinstance(history, list) else []):
        response = entry.get("response") if isinstance(entry, dict) else None
        if isinstance(response, dict) and isinstance(response.get("status"), int):
            named = response.get("headers")
            headers = {
                str(header.get("name")).lower(): str(header.get("value"))
                for header in (named if isinstance(named, list) else [])
                if isinstance(header, dict)
            }
            return response["status"], headers.get("cf-mitigated"), response.get("ok") is not False
    return None, None, True


def _is_base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False


def _said(data: Any) -> str:
    """What Splash says of an error, on one line."""
    reasons = [data.get("description"), data.get("info")] if isinstance(data, dict) else [data]
    return " ".join(" ".join(str(part) for part in reasons if part).split())[:200]
