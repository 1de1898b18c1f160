"""``scrapy plan``: what would this crawl cost?"""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand
from scrapy.utils.conf import arglist_to_dict

from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import complain, make_private, only_spider, plain_usage, settings_of
from tvspiders.errors import TvspidersError, UsageProblem


class Command(ScrapyCommand):
    """Estimate requests and hours of a crawl from one or two requests, before anything is spent."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """As ``scrapy crawl``."""
        return "[options] <spider> -a NAME=VALUE …"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Estimate requests and hours of a crawl, with the arguments of scrapy crawl"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and the spider's arguments."""
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Scrapy's options; what is wrong with them is said in one line."""
        try:
            with plain_usage():
                make_private(opts.pidfile, opts.profile)
                super().process_options(args, opts)
        except TvspidersError as error:
            sys.exit(complain(error))

    @plain_interrupt()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the estimate; nothing is stored but the use of the quota."""
        from tvspiders.console.plan.run import run_plan

        settings = settings_of(self)
        try:
            name = only_spider(args)
            try:
                given = arglist_to_dict(opts.spargs)
            except ValueError:
                raise UsageProblem("Invalid -a value, use -a NAME=VALUE") from None
            run_plan(settings, name, given, opts.set)
        except TvspidersError as error:
            self.exitcode = complain(error)
