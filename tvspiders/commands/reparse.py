"""``scrapy reparse``: read stored answers again with today's parsing, without the network."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand

from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import known_options, plain_database
from tvspiders.errors import TvspidersError, UsageProblem


class Command(ScrapyCommand):
    """Parse the stored answers of one crawl, or of all, again and update the tables."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """One optional argument."""
        return "[options] [crawl]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Parse stored answers again (of one crawl, default all), without the network"

    @plain_interrupt()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what was read and written."""
        try:
            known_options(args)
            if len(args) > 1:
                raise UsageProblem("name one crawl, or none for all")
        except UsageProblem as error:
            print(f"tvspiders: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        if self.settings is None:
            raise RuntimeError("Scrapy did not set up the command")
        from tvspiders.ledger.reparse import reparse

        try:
            with plain_database():
                result = reparse(self.settings, args[0] if args else None)
        except TvspidersError as error:
            print(f"tvspiders: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        print(
            f"tvspiders: {result.answers:,} stored answers read again, {result.items:,} items written, "
            f"{result.understood:,} understood for the first time, {result.refused:,} not understood"
        )
