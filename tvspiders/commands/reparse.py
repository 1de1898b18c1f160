"""``scrapy reparse``: read stored answers again with today's parsing, without the network."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import complain, known_options, plain_database, settings_of
from tvspiders.errors import TvspidersError, UsageProblem
from tvspiders.printing import say


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
        settings = settings_of(self)
        try:
            known_options(args)
            if len(args) > 1:
                raise UsageProblem("name one crawl, or none for all")
        except UsageProblem as error:
            self.exitcode = complain(error)
            return
        from tvspiders.ledger.reparse import reparse

        try:
            with plain_database():
                result = reparse(settings, args[0] if args else None)
        except TvspidersError as error:
            complain(error)
            self.exitcode = 1  # also for arguments of an old crawl: the command line is not wrong
            return
        say(
            f"tvspiders: {result.answers:,} stored answers read again, {result.items:,} items written, "
            f"{result.understood:,} understood for the first time, {result.refused:,} not understood"
        )
