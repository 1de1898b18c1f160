"""Scrapy's commands that request one address (``fetch``, ``shell``, ``view``): with our token and quota."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import UsageProblem


class SingleRequestCommand(TvCommand):
    """Comes before Scrapy's own command: the request belongs to no crawl, and no answer is stored."""

    requires_project = False
    requires_crawler_process = True
    usage = "[options] <url>"

    def check(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> None:
        """Check address, settings and connection, and replace the scheduler: the ledger holds crawls only."""
        if not args:
            return
        from tvspiders.checks.arguments import check_arguments
        from tvspiders.checks.crawl import final_settings, spider_of
        from tvspiders.checks.database import check_database
        from tvspiders.checks.final_settings import check_final_settings, check_settings
        from tvspiders.checks.reachability import check_reachable
        from tvspiders.checks.secret_values import check_tokens
        from tvspiders.ledger.components import LoneRequests
        from tvspiders.policies.security.origin import Origin

        check_settings(settings, opts.set)
        if opts.spider:
            spider = spider_of(settings, opts.spider)
            try:
                check_arguments(spider, {})
            except UsageProblem:
                said = f"spider {opts.spider} needs arguments, and this command gives it none; omit --spider"
                raise UsageProblem(said) from None
            check_final_settings(final_settings(spider, settings))
        Origin.of_api(str(settings["THINGIVERSE_API_URL"])).require(args[0])
        check_tokens()
        check_database(settings)
        check_reachable(settings)
        settings.set("SCHEDULER", f"{LoneRequests.__module__}.{LoneRequests.__name__}", priority="cmdline")

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """As Scrapy's own."""
        scrapys: ScrapyCommand = super(TvCommand, self)  # type: ignore[assignment]
        scrapys.run(args, opts)
        return self.exitcode
