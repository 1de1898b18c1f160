"""Several crawls one after the other in one process: ``python several_crawls.py '[["things", {...}], ...]'``.

Prints the verdict of each, a line each.
"""

import asyncio
import json
import sys

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from twisted.internet import asyncioreactor, task
from twisted.internet.defer import Deferred


async def main(crawls: list[tuple[str, dict[str, str]]]) -> None:
    settings = Settings()
    settings.setmodule("tvspiders.settings", priority="project")
    settings.setdict({"TV_QUOTA": "100000/1s", "TV_QUOTA_SPREAD": False, "LOG_LEVEL": "ERROR"}, "cmdline")
    runner = AsyncCrawlerRunner(settings)
    for spider, arguments in crawls:
        crawler = runner.create_crawler(spider)
        await runner.crawl(crawler, **arguments)
        print(crawler.stats.get_value("tv/verdict") if crawler.stats else None, spider)


# The reactor runs the loop: it stops it when it ends, which asyncio.run does not outlive in Python 3.12.
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
asyncioreactor.install(loop)
task.react(lambda _: Deferred.fromFuture(loop.create_task(main(json.loads(sys.argv[1])))))
