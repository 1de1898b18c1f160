"""Read each answer once, before anything else looks at it."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Awaitable

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response

from tvspiders import meta
from tvspiders.api import answers
from tvspiders.api.document import takes_more
from tvspiders.policies.security.redaction import mask_answer

READ = ("CF-Mitigated", "X-Error", "Retry-After", "Date")
"""Headers that say what an answer is."""

IN_FLIGHT = 128 * 1024 * 1024
"""Bytes of bodies that may be received at the same time."""
LARGE = 16_000_000
"""Bytes of memory from which on a decoded document is alone."""
PATIENCE = 10.0
"""Seconds for a large answer to be done with, before the next one is decoded all the same."""


class AnswerMiddleware:
    """Attach what an answer *is* (and its JSON) to ``request.meta`` (``meta.ANSWER``).

    An answer that echoes a secret is masked first, headers and body, and flagged ``tv_scrubbed``: some
    error pages show what they were sent.
    Below ``HttpCompressionMiddleware``, so that the body is decoded, and above
    everything that decides by the verdict.

    Large documents are decoded one at a time: the next waits until the one before is
    done with. Settings: ``DOWNLOAD_MAXSIZE``, less for many ``CONCURRENT_REQUESTS``.
    """

    def __init__(self, maxsize: int | None = None) -> None:
        self._maxsize = maxsize
        """Bytes of one body, where that is less than the setting."""
        self._large: weakref.ref[answers.Answer] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AnswerMiddleware:
        """Build from settings."""
        settings = crawler.settings
        share = IN_FLIGHT // max(1, settings.getint("CONCURRENT_REQUESTS"))
        most = settings.getint("DOWNLOAD_MAXSIZE")
        return cls(share if most == 0 or share < most else None)

    def process_request(self, request: Request) -> None:
        """Forget the answer of an earlier attempt."""
        meta.forget_answer(request)
        if self._maxsize is not None:
            request.meta["download_maxsize"] = self._maxsize

    def process_response(self, request: Request, response: Response) -> Response | Awaitable[Response]:
        """Classify; the response passes on, without any secret that it echoes."""
        if takes_more(response.body, LARGE):
            return self._read_alone(request, response)
        return self._read(request, response)

    async def _read_alone(self, request: Request, response: Response) -> Response:
        end = time.monotonic() + PATIENCE
        while self._large is not None and self._large() is not None and time.monotonic() < end:
            await asyncio.sleep(0.01)
        response = self._read(request, response)
        self._large = weakref.ref(meta.classified(request))
        return response

    def _read(self, request: Request, response: Response) -> Response:
        response = masked_response(response)
        meta.set_answer(request, answers.read(response.status, _headers(response), response.body))
        return response


def masked_response(response: Response) -> Response:
    """The response without any secret, flagged ``tv_scrubbed`` where it held one; else the very same."""
    given = [(_text(name), _text(value)) for name, values in response.headers.items() for value in values]
    headers, body = mask_answer(given, response.body)
    if headers == given and body is response.body:
        return response
    kept = Headers(encoding="latin-1")
    for name, value in headers:
        kept.appendlist(name, value)
    return response.replace(headers=kept, body=body, flags=[*response.flags, meta.SCRUBBED])


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _headers(response: Response) -> dict[str, str]:
    found = {name: response.headers.get(name) for name in READ}
    return {name: value.decode("latin-1") for name, value in found.items() if value is not None}
