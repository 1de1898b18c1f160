"""What ``scrapy fetch`` and ``scrapy shell`` have in common."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from tvspiders.console.standard_output import plain_output
from tvspiders.console.usage import settings_of


class SingleRequestCommand(ScrapyCommand):
    """Stands before Scrapy's own command: the request belongs to no crawl, and no answer is stored."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's options, then our checks, where there is something to ask."""
        from tvspiders.console.api.single_request import ask_without_crawl

        super().process_options(args, opts)
        if args:
            ask_without_crawl(settings_of(self), args[0], opts.set)

    @plain_output()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """As Scrapy's own."""
        super().run(args, opts)  # type: ignore[safe-super]
