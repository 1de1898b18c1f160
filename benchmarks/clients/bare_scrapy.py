"""Scrapy as it comes, with a pipeline that writes 500 things at a time.

python -m benchmarks.clients.bare_scrapy URL QUERY PAGES DATABASE
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from benchmarks.clients import rows

URL, QUERY, PAGES, DATABASE = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
BATCH = 500


class BatchPipeline:
    """Keeps items until there are 500."""

    def open_spider(self) -> None:
        self.connection = rows.opened(DATABASE)
        self.waiting: list[tuple[dict[str, Any], str]] = []

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        self.waiting.append((item["detail"], item["raw"]))
        if len(self.waiting) >= BATCH:
            self.write()
        return item

    def close_spider(self) -> None:
        self.write()
        self.connection.close()

    def write(self) -> None:
        rows.store(self.connection, self.waiting)
        self.waiting.clear()


class ThingsSpider(scrapy.Spider):
    """Search pages one after another, and the own page of each thing found."""

    name = "things"

    async def start(self) -> AsyncIterator[scrapy.Request]:
        yield self.page(1)

    def page(self, number: int) -> scrapy.Request:
        return self.ask(rows.page_url(URL, QUERY, number), self.parse_page, number=number)

    def ask(self, url: str, callback: Any, **kwargs: Any) -> scrapy.Request:
        headers = {"Authorization": "Bearer any-token-1"}
        priority = 1 if callback == self.parse_thing else 0
        return scrapy.Request(url, callback, headers=headers, cb_kwargs=kwargs, priority=priority)

    def parse_page(self, response: Response, number: int) -> Iterator[scrapy.Request]:
        hits = json.loads(response.body)["hits"]
        for hit in hits:
            yield self.ask(f"{URL}/things/{hit['id']}", self.parse_thing)
        if hits and number < PAGES:
            yield self.page(number + 1)

    def parse_thing(self, response: Response) -> Iterator[dict[str, Any]]:
        yield {"detail": json.loads(response.body), "raw": response.text}


if __name__ == "__main__":
    settings: dict[str, Any] = {"LOG_LEVEL": "INFO", "ITEM_PIPELINES": {BatchPipeline: 300}}
    if "tuned" in sys.argv:
        settings |= {"CONCURRENT_ITEMS": 1, "COOKIES_ENABLED": False, "REFERER_ENABLED": False}
        settings |= {"CONCURRENT_REQUESTS_PER_DOMAIN": 16}
    process = AsyncCrawlerProcess(settings)
    process.crawl(ThingsSpider)
    process.start()
