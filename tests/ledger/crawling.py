"""Scheduler, acknowledgement and spider without Scrapy's engine: answers are given by hand."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import TextResponse
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from ledger.working import PATIENCE, kill, until
from tvspiders.items import Item
from tvspiders.ledger.acknowledge import AcknowledgeMiddleware
from tvspiders.ledger.ledger import Ledger
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.spiders.things import ThingsSpider

API = "https://api.thingiverse.com"
SCRAPYS = "scrapy.pipelines.ItemPipelineManager"
"""The item processor of Scrapy, which speaks by signals only."""


@dataclass
class Engine:
    """What the components ask Scrapy's engine for."""

    scheduler: LedgerScheduler | None = None
    spider: Any = None
    _slot: Any = None
    closed: list[str] = field(default_factory=list)

    async def close_spider_async(self, *, reason: str) -> None:
        self.closed.append(reason)


def make_crawler(url: str, arguments: dict[str, Any] | None = None, **changes: Any) -> Crawler:
    """A crawler with our settings and a spider, that nobody has started."""
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.setdict({"DATABASE_URL": url, "THINGIVERSE_API_URL": API} | changes, priority="cmdline")
    crawler = Crawler(ThingsSpider, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    crawler.spider = ThingsSpider.from_crawler(crawler, **({"query": "gear"} | (arguments or {})))
    crawler.engine = Engine(spider=crawler.spider)  # type: ignore[assignment]
    return crawler


class Desk:
    """A crawl whose answers a test gives."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.scheduler = LedgerScheduler.from_crawler(crawler)
        self.engine.scheduler = self.scheduler
        self.acknowledge = AcknowledgeMiddleware.from_crawler(crawler)
        self.spider: Any = crawler.spider

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
        self, request: Request, output: Iterable[Any], body: bytes = b"{}", status: int = 200
    ) -> None:
        """Give an answer and the output of its callback, as Scrapy's scraper would."""
        response = TextResponse(request.url, status=status, body=body, request=request)
        self.acknowledge.process_spider_input(response)
        async for item in self.acknowledge.process_spider_output(response, generated(output)):
            self.scrape(item, response)

    def scrape(self, item: Any, response: TextResponse) -> None:
        """The storage pipeline, and word of what it said, in the way that the item processor has."""
        taken = not isinstance(item, Item) or self.scheduler.collect(item)
        if self.crawler.settings["ITEM_PROCESSOR"] == SCRAPYS:
            signal = signals.item_scraped if taken else signals.item_dropped
            self.crawler.signals.send_catch_log(signal, item=item, response=response, spider=self.spider)
        else:
            self.scheduler.item_ended(item, None)


async def generated(output: Iterable[Any]) -> AsyncIterator[Any]:
    """What a callback gives; an exception in it is raised."""
    for thing in output:
        if isinstance(thing, Exception):
            raise thing
        yield thing


@asynccontextmanager
async def desk(url: str, arguments: dict[str, Any] | None = None, **changes: Any) -> AsyncIterator[Desk]:
    """An open crawl, killed at the end unless it was closed."""
    import asyncio

    found = Desk(make_crawler(url, arguments, **changes))
    try:
        async with asyncio.timeout(PATIENCE):
            await found.scheduler._open(found.spider)
            yield found
    finally:
        if found.scheduler.ledger is not None:
            kill(found.scheduler.ledger)
