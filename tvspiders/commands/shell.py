"""``scrapy shell``: Scrapy's own command, for addresses of the API."""

from __future__ import annotations

import argparse

from scrapy.commands.shell import Command as ScrapysCommand


class Command(ScrapysCommand):
    """As Scrapy's own; the request belongs to no crawl, and nothing of the answer is stored."""

    def syntax(self) -> str:
        """An address, as Scrapy's own."""
        return "[options] [url]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Look at one answer of the API by hand, asked with our token and within the quota"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's options, then our checks, where there is something to ask."""
        from tvspiders.console.single_request import ask_without_crawl

        super().process_options(args, opts)
        if args:
            ask_without_crawl(self.settings, args[0], opts.set)
