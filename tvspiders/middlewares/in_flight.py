"""The requests that were handed to the downloader and have not come back."""

from __future__ import annotations

from collections.abc import Collection

from scrapy import Request
from scrapy.crawler import Crawler


def requests_in_flight(crawler: Crawler) -> Collection[Request]:
    """What the downloader works on at this moment; empty before the engine is there.

    The very set that the engine goes on changing: look into it, do not keep it. What is not in it any
    more has come to an end, also where nobody was told: an answer that cannot be unpacked, a redirect.
    """
    engine = crawler.engine
    return engine.downloader.active if engine is not None else ()
