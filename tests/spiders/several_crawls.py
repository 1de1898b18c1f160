"""Several crawls one after the other in one process: ``python several_crawls.py '[["things", {...}], ...]'``.

Prints the verdict of each, a line each.
"""

import asyncio
import json
import sys

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from twisted.internet import asyncioreactor


async def main(crawls: list[tuple[str, dict[str, str]]]) -> None:
    asyncioreactor.install(asyncio.get_running_loop())
    from twisted.internet import reactor

    reactor.startRunning(installSignalHandlers=False)
    settings = Settings()
    settings.setmodule("tvspiders.settings", priority="project")
    settings.setdict({"TV_QUOTA": "100000/1s", "TV_QUOTA_SPREAD": False, "LOG_LEVEL": "ERROR"}, "cmdline")
    runner = AsyncCrawlerRunner(settings)
    try:
        for spider, arguments in crawls:
            crawler = runner.create_crawler(spider)
            await runner.crawl(crawler, **arguments)
            print(crawler.stats.get_value("tv/verdict") if crawler.stats else None, spider)
    finally:
        reactor.fireSystemEvent("shutdown")  # ends Twisted's threads


asyncio.run(main(json.loads(sys.argv[1])))
