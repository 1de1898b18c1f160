"""``scrapy runspider``: a spider from a file, with checks, verdict and exit codes of ``crawl``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from scrapy import Spider
from scrapy.settings import Settings
from scrapy.spiderloader import DummySpiderLoader
from scrapy.utils.spider import iter_spider_classes

from tvspiders.commands.crawl import Command as CrawlCommand
from tvspiders.errors import UsageProblem


class Command(CrawlCommand):
    """Run the last spider of a file; the exit code says how it ended."""

    default_settings = {"SPIDER_LOADER_CLASS": DummySpiderLoader}  # noqa: RUF012
    usage = "[options] <spider_file>"
    summary = "Run a spider from a Python file; goes on where the same command was interrupted"
    examples = (
        "scrapy runspider mine.py",
        "scrapy runspider mine.py -a query=planters -O mine.jsonl",
    )

    def _named(self, settings: Settings, name: str) -> type[Spider]:
        path = Path(name).resolve()
        if path.suffix not in (".py", ".pyw") or not path.is_file():
            raise UsageProblem(f"{name} is not a Python file; name one that holds a spider")
        sys.path.insert(0, str(path.parent))
        try:
            module = import_module(path.stem)
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise UsageProblem(f"{name} cannot be loaded ({said})") from error
        finally:
            sys.path.remove(str(path.parent))
        spiders = list(iter_spider_classes(module))
        if not spiders:
            raise UsageProblem(f"{name} holds no spider; a spider has a name and is defined there")
        return spiders[-1]
