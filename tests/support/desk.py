"""Scheduler, acknowledgement and spider without Scrapy's engine: answers are given by hand."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request
from scrapy.core.scraper import Scraper, Slot
from scrapy.crawler import Crawler
from scrapy.http import TextResponse
from scrapy.logformatter import LogFormatter
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from tests.support.working import PATIENCE, kill, until
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.spiders.things import ThingsSpider

API = "https://api.thingiverse.com"


@dataclass
class Engine:
    """What the components ask Scrapy's engine for."""

    scheduler: LedgerScheduler | None = None
    spider: Any = None
    scraper: Any = None
    _slot: Any = None
    closed: list[str] = field(default_factory=list)

    async def close_spider_async(self, *, reason: str) -> None:
        self.closed.append(reason)

    def crawl(self, request: Request) -> None:
        assert self.scheduler is not None
        self.scheduler.enqueue_request(request)


def make_crawler(url: str, arguments: dict[str, Any] | None = None, **changes: Any) -> Crawler:
    """A crawler with our settings and a spider, that nobody has started."""
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.setdict({"DATABASE_URL": url, "THINGIVERSE_API_URL": API} | changes, priority="cmdline")
    crawler = Crawler(ThingsSpider, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    crawler.logformatter = LogFormatter()
    crawler.spider = ThingsSpider.from_crawler(crawler, **({"query": "gear"} | (arguments or {})))
    crawler.engine = Engine(spider=crawler.spider)  # type: ignore[assignment]
    return crawler


class Desk:
    """A crawl whose answers a test gives."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.scheduler = LedgerScheduler.from_crawler(crawler)
        self.engine.scheduler = self.scheduler
        self.spider: Any = crawler.spider
        self.scraper = self.engine.scraper = Scraper(crawler)
        self.scraper.slot = Slot()

    @property
    def engine(self) -> Engine:
        return self.crawler.engine  # type: ignore[return-value]

    @property
    def ledger(self) -> Ledger:
        assert self.scheduler.ledger is not None
        return self.scheduler.ledger

    def stat(self, name: str) -> Any:
        assert self.crawler.stats is not None
        return self.crawler.stats.get_value(name)

    def ask(self, *paths: str, callback: Any = None, **changes: Any) -> None:
        """Queue start requests."""
        for path in paths:
            self.scheduler.enqueue_request(Request(API + path, callback=callback, **changes))

    async def next(self, count: int = 1) -> list[Request]:
        """That many requests, as soon as they are to be had."""
        taken: list[Request] = []

        def took() -> bool:
            if (request := self.scheduler.next_request()) is not None:
                taken.append(request)
            return len(taken) == count

        await until(took)
        return taken

    async def answer(
        self, request: Request, output: Iterable[Any] | Exception, body: bytes = b"{}", status: int = 200
    ) -> Request:
        """Give an answer and the output of its callback to Scrapy's scraper; exceptions in it are raised.

        Returns the request that was answered.
        """

        def callback(response: Any, **arguments: Any) -> Iterator[Any]:
            if isinstance(output, Exception):
                raise output
            return generated(output)

        asked = request.replace(callback=callback)
        response = TextResponse(request.url, status=status, body=body, request=asked)
        await asyncio.create_task(self.scraper._scrape(response, asked))
        await asyncio.sleep(0)
        return asked


def generated(output: Iterable[Any]) -> Iterator[Any]:
    """What a callback gives; an exception in it is raised."""
    for thing in output:
        if isinstance(thing, Exception):
            raise thing
        yield thing


@asynccontextmanager
async def desk(url: str, arguments: dict[str, Any] | None = None, **changes: Any) -> AsyncIterator[Desk]:
    """An open crawl, killed at the end unless it was closed."""
    found = Desk(make_crawler(url, arguments, **changes))
    try:
        async with asyncio.timeout(PATIENCE):
            await found.scheduler._open(found.spider)
            yield found
    finally:
        if found.scheduler.ledger is not None:
            kill(found.scheduler.ledger)
