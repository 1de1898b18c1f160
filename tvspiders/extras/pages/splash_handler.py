"""Download handler for Splash: sends no token, and connects to no other origin."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from tvspiders.middlewares.answers import masked_response
from tvspiders.policies.security.origin import Origin

CREDENTIALS = (b"Authorization", b"Proxy-Authorization", b"Cookie")


class SplashHandler(HTTP11DownloadHandler):
    """Scrapy's own HTTP/1.1 handler for one origin: the scheme, host and port of ``SPLASH_URL``.

    The handler of the API refuses that origin like any other, so no code that holds
    a token can send to Splash, and this one holds none.
    """

    def __init__(self, crawler: Crawler, origin: Origin) -> None:
        super().__init__(crawler)
        self.origin = origin

    async def download_request(self, request: Request) -> Response:
        """Send a request to Splash without credentials; its response holds no secret of ours.

        Raises:
            ForeignOrigin: when the URL leads anywhere else.

        """
        self.origin.require(request.url)
        sent = request.copy()
        for name in CREDENTIALS:
            sent.headers.pop(name, None)
        sent.meta.pop("proxy", None)
        return masked_response(await super().download_request(sent))
