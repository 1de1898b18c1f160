"""Run one crawl with our downloader side and Scrapy's own scheduler; prints what came of it as JSON.

Arguments: settings as JSON, then the URLs, each with another method than GET before it if need be.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import scrapy
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess

from tvspiders import settings

RESULT: dict[str, Any] = {"answers": [], "errors": [], "leaks": 0}


class OneSpider(scrapy.Spider):
    name = "one"

    async def start(self) -> Any:
        for argument in sys.argv[2:]:
            method, _, url = argument.rpartition(" ")
            yield scrapy.Request(
                url,
                callback=self.parse,
                errback=self.failed,
                dont_filter=True,
                method=method or "GET",
                body="{}" if method == "GET" else "",
            )

    def parse(self, response: Any) -> None:
        RESULT["answers"].append(response.meta["tv_answer"].verdict.value)
        RESULT["leaks"] += "Authorization" in response.request.headers
        RESULT["leaks"] += "tok-" in repr(response.meta)

    def failed(self, failure: Any) -> None:
        RESULT["errors"].append(failure.type.__name__)
        RESULT["leaks"] += "tok-" in failure.getTraceback()


def main() -> None:
    process = AsyncCrawlerProcess(
        {name: value for name, value in vars(settings).items() if name.startswith("TV_")}
        | {
            "TV_QUOTA": "1000/1s",
            "TV_QUOTA_SHARED": False,
            "TV_MAX_ATTEMPTS": 1,
            "LOG_LEVEL": "DEBUG",
            "RETRY_ENABLED": False,
            "REDIRECT_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "HTTPERROR_ALLOW_ALL": True,
            "DOWNLOAD_TIMEOUT": 20,
            "DOWNLOAD_DELAY": 0,
            "DOWNLOAD_VERIFY_CERTIFICATES": True,
            "DOWNLOADER_MIDDLEWARES": {
                "tvspiders.middlewares.retry.TvRetryMiddleware": 550,
                "tvspiders.middlewares.quota.QuotaMiddleware": 570,
                "tvspiders.middlewares.answers.AnswerMiddleware": 580,
            },
            "DOWNLOAD_HANDLERS": dict.fromkeys(
                ("http", "https"), "tvspiders.middlewares.handler.ApiDownloadHandler"
            ),
            **json.loads(sys.argv[1]),
        }
    )
    crawler = process.create_crawler(OneSpider)

    def closed(spider: Any, reason: str) -> None:
        RESULT["reason"] = reason
        RESULT["stats"] = {name: value for name, value in crawler.stats.get_stats().items() if "tv/" in name}

    crawler.signals.connect(closed, signals.spider_closed)
    if "STOP_AFTER" in json.loads(sys.argv[1]):
        from tvspiders.middlewares.quota import quota_of

        def opened(spider: Any) -> None:
            from twisted.internet import reactor

            reactor.callLater(json.loads(sys.argv[1])["STOP_AFTER"], quota_of(crawler).pool.stop)

        crawler.signals.connect(opened, signals.spider_opened)
    process.crawl(crawler)
    process.start()
    print(json.dumps(RESULT))


main()
