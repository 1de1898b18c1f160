"""``scrapy jobs``: what runs and what ran on Scrapyd, and how the crawls stand."""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from tvspiders import printing
from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import complain, settings_of
from tvspiders.errors import TvspidersError, UsageProblem
from tvspiders.printing import say, say_wrong

if TYPE_CHECKING:
    from tvspiders.extras.scheduling.scrapyd import Listed
    from tvspiders.extras.scheduling.target import Target

FORMATS = ("terminal", "json")


class Command(ScrapyCommand):
    """Scrapyd's view beside the verdicts of the ledger; a job is tied to its crawl by its id."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012

    def syntax(self) -> str:
        """Only options."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Show what runs and what ran on Scrapyd, with the verdicts of the crawls"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options, and how much of what to show."""
        super().add_options(parser)
        add = parser.add_argument_group(title="Jobs").add_argument
        add("--format", metavar="NAME", default="terminal", help=f"{', '.join(FORMATS)} (terminal)")
        add("--last", metavar="N", default="20", help="at most so many jobs, newest first (20 by default)")
        add("--target", metavar="NAME", default="local", help="[deploy:NAME] of scrapy.cfg (local)")
        add("--patience", metavar="SECONDS", default="5", help="how long to try while Scrapyd is away (5)")

    @plain_interrupt()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 1 when Scrapyd cannot be asked, 2 for a wrong option."""
        try:
            self._show(args, opts)
        except TvspidersError as error:
            self.exitcode = complain(error)

    def _show(self, args: list[str], opts: argparse.Namespace) -> None:
        import json

        from scrapy.utils.conf import get_sources

        from tvspiders.commands.schedule import number
        from tvspiders.extras.analytics.command_line import whole
        from tvspiders.extras.scheduling.jobs import look, print_jobs
        from tvspiders.extras.scheduling.target import find_target

        settings = settings_of(self)
        if args:
            raise UsageProblem("jobs takes no arguments; -h shows its options")
        if opts.format not in FORMATS:
            raise UsageProblem(f"--format {opts.format!r} is not accepted; accepted: {', '.join(FORMATS)}")
        patience, last = number("--patience", opts.patience), whole("--last", opts.last)
        target = find_target(opts.target, get_sources(), os.environ)
        listed = asyncio.run(_ask(target, patience))
        seen, note = look(str(settings["DATABASE_URL"]), listed, max(0, last))
        if opts.format == "json":
            document = {
                "scrapyd": target.url,
                "project": target.project,
                "note": note or None,
                "jobs": [item.document() for item in seen],
            }
            say(*json.dumps(document, indent=2).splitlines())
            return
        print_jobs(seen, f"Jobs of {target.project} at {target.url}", printing.console())
        if note:
            say_wrong(f"nothing is known of the crawls: {note}")


async def _ask(target: Target, patience: float) -> list[Listed]:
    from tvspiders.extras.scheduling.scrapyd import Scrapyd, patiently

    async with Scrapyd(target) as scrapyd:
        return await patiently(scrapyd.jobs, patience)
