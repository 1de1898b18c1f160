"""``scrapy reparse``: read stored answers again with today's parsing, without the network."""

from __future__ import annotations

import argparse

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import StorageProblem, UsageProblem
from tvspiders.printing import say


class Command(TvCommand):
    """Parse the stored answers of one crawl, or of all, again and update the tables."""

    usage = "[options] [crawl]"
    summary = "Parse stored answers again (of one crawl, default all), without the network"
    examples = (
        "scrapy reparse",
        "scrapy reparse things",
    )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Print how much was read and written."""
        from tvspiders.ledger.reparse import reparse

        if len(args) > 1:
            raise UsageProblem("name one crawl, or none for all")
        try:
            result = reparse(settings, args[0] if args else None)
        except UsageProblem as error:  # of a stored crawl's arguments: this command line is not wrong
            raise StorageProblem(str(error)) from None
        say(
            f"tvspiders: {result.answers:,} stored answers read again, {result.items:,} items written, "
            f"{result.understood:,} understood for the first time, {result.refused:,} not understood"
        )
        return 0
