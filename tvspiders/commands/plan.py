"""``scrapy plan``: estimate what a crawl would cost."""

from __future__ import annotations

import argparse

from scrapy.settings import Settings
from scrapy.utils.conf import arglist_to_dict

from tvspiders.console.command import TvCommand
from tvspiders.console.usage import only_spider
from tvspiders.errors import UsageProblem


class Command(TvCommand):
    """Estimate requests and hours of a crawl from one or two requests, before the quota is spent."""

    usage = "[options] <spider> -a NAME=VALUE …"
    summary = "Estimate requests and hours of a crawl, with the arguments of scrapy crawl"
    examples = (
        "scrapy plan things -a query=planters",
        "scrapy plan users -a username=MakerBot -a include=things,likes",
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and the spider's arguments."""
        super().add_options(parser)
        parser.add_argument(
            "-a",
            dest="spargs",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="set spider argument (may be repeated)",
        )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Print the estimate; only the use of the quota is stored."""
        from tvspiders.console.plan.run import run_plan

        name = only_spider(args)
        try:
            given = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageProblem("Invalid -a value, use -a NAME=VALUE") from None
        run_plan(settings, name, given, opts.set)
        return 0
