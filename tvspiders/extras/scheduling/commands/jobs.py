"""``scrapy jobs``: list Scrapyd's jobs with the state of their crawls."""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import TYPE_CHECKING

from scrapy.settings import Settings

from tvspiders import printing
from tvspiders.console.command import TvCommand
from tvspiders.console.usage import number, whole
from tvspiders.errors import UsageProblem
from tvspiders.printing import say, say_wrong

if TYPE_CHECKING:
    from tvspiders.extras.scheduling.scrapyd import Listed
    from tvspiders.extras.scheduling.target import Target

FORMATS = ("terminal", "json")


class Command(TvCommand):
    """List Scrapyd's jobs with the ledger's verdicts; a job's id names its crawl."""

    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012
    summary = "Show what runs and what ran on Scrapyd, with the verdicts of the crawls"
    examples = (
        "scrapy jobs",
        "scrapy jobs --last 50 --format json",
    )
    no_arguments = "jobs takes no arguments, only options; -h shows them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options, and how much of what to show."""
        super().add_options(parser)
        add = parser.add_argument_group(title="Jobs").add_argument
        add("--format", metavar="NAME", default="terminal", help=f"{', '.join(FORMATS)} (terminal)")
        add("--last", metavar="N", default="20", help="at most so many jobs, newest first (20 by default)")
        add("--target", metavar="NAME", default="local", help="[deploy:NAME] of scrapy.cfg (local)")
        add("--patience", metavar="SECONDS", default="5", help="how long to try while Scrapyd is away (5)")

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 1 when Scrapyd cannot be reached, 2 for an invalid option."""
        import json

        from scrapy.utils.conf import get_sources

        from tvspiders.extras.scheduling.jobs import look, print_jobs
        from tvspiders.extras.scheduling.target import find_target

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
            return 0
        print_jobs(seen, f"Jobs of {target.project} at {target.url}", printing.console())
        if note:
            say_wrong(f"nothing is known of the crawls: {note}")
        return 0


async def _ask(target: Target, patience: float) -> list[Listed]:
    from tvspiders.extras.scheduling.scrapyd import Scrapyd, patiently

    async with Scrapyd(target) as scrapyd:
        return await patiently(scrapyd.jobs, patience)
