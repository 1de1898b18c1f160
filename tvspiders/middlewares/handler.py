"""The last step before the socket: the token goes in here, and nowhere else."""

from __future__ import annotations

import asyncio

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from tvspiders.errors import TvspidersError
from tvspiders.middlewares.quota import LABEL, CrawlQuota, CrawlStopping, quota_of
from tvspiders.policies.grant import Grant
from tvspiders.policies.tokens import Token
from tvspiders.policies.waiters import Stopped


class Unaccounted(TvspidersError):
    """A request came to the socket without a slot of the quota (raised by the download handler)."""


class WriteRefused(TvspidersError):
    """A crawl would have changed something on the site (raised by the download handler)."""


class ApiDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own HTTP/1.1 handler for one origin: the API's scheme, host and port.

    The ``Authorization`` header is put on a private copy of the request that is
    forgotten with the download. Redirects are never followed here, so the copy
    cannot travel. When the crawl stops, downloads under way end at once.
    A crawl only reads: whatever is no GET is not sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._quota: CrawlQuota = quota_of(crawler)

    async def download_request(self, request: Request) -> Response:
        """Send one request with the token that it was granted.

        Raises:
            ForeignOrigin: when the URL leads anywhere but to the API.
            WriteRefused: for every method but GET, and for a GET with a body.
            Unaccounted: when no slot of the quota was granted.
            CrawlStopping: when the crawl stops before the answer is complete.

        """
        self._quota.origin.require(request.url)
        if request.method != "GET" or request.body:
            raise WriteRefused(f"a {request.method} request was not sent: crawls only read")
        grant = await self._granted(request)
        sent = _with_token(request, self._quota.pool.depart(grant))
        try:
            return await self._until_stopped(sent)
        finally:
            if "download_latency" in sent.meta:
                request.meta["download_latency"] = sent.meta["download_latency"]

    async def _granted(self, request: Request) -> Grant:
        """The request's slot, or a new one if it waited too long on its way here."""
        pool, grant = self._quota.pool, self._quota.grants.get(request)
        if grant is None or grant.settled:
            raise Unaccounted("a request without a slot of the quota was not sent")
        if pool.stopping.is_set():
            raise CrawlStopping("the crawl is stopping")
        if pool.is_stale(grant):
            pool.give_back(grant)
            try:
                grant = await pool.acquire(first=True)
            except Stopped as error:
                raise CrawlStopping(str(error)) from None
            self._quota.grants[request] = grant
            request.meta[LABEL] = grant.label
        return grant

    async def _until_stopped(self, sent: Request) -> Response:
        download = asyncio.ensure_future(super().download_request(sent))
        stop = asyncio.ensure_future(self._quota.pool.stopping.wait())
        try:
            await asyncio.wait((download, stop), return_when=asyncio.FIRST_COMPLETED)
            if download.done():
                return download.result()
        finally:
            stop.cancel()
            download.cancel()
            # its end must be looked at, else asyncio complains about it later
            download.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise CrawlStopping("the crawl stops; the answer was not waited for")


def _with_token(request: Request, token: Token) -> Request:
    """A private copy with the token, and without credentials from elsewhere."""
    sent = request.copy()
    sent.headers[b"Authorization"] = f"Bearer {token.reveal()}".encode()
    if not request.meta.get("proxy"):
        sent.headers.pop(b"Proxy-Authorization", None)
    return sent
