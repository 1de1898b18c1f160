"""``scrapy schedule``: give jobs to Scrapyd, each once in its period."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import Settings
from scrapy.utils.conf import arglist_to_dict

from tvspiders.console.command import TvCommand
from tvspiders.console.usage import number, only_spider
from tvspiders.errors import UsageProblem
from tvspiders.printing import say, say_wrong

if TYPE_CHECKING:
    from tvspiders.extras.scheduling.due import Decision
    from tvspiders.extras.scheduling.entries import Entry
    from tvspiders.extras.scheduling.schedule import Job

FILE = "schedule.toml"


class Command(TvCommand):
    """One job from the command line, or all of ``schedule.toml``; to be run often, by cron or a timer."""

    usage = "[options] [spider] [-a NAME=VALUE …]"
    summary = "Give crawls to Scrapyd, each once in its period; all of schedule.toml, or one"
    examples = (
        "scrapy schedule things -a query=planters --every 1d",
        "scrapy schedule --file schedule.toml --dry-run",
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options, and what to schedule where."""
        super().add_options(parser)
        add = parser.add_argument_group(title="Schedule").add_argument
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="spider argument")
        add("--every", metavar="PERIOD", help="30m, 12h, 1d, 1w: once in each (default: now)")
        add("--priority", metavar="N", default="0", help="Scrapyd starts higher ones first (0 by default)")
        add("--file", metavar="FILE", help=f"the schedule file ({FILE} by default)")
        add("--target", metavar="NAME", default="local", help="[deploy:NAME] of scrapy.cfg (local)")
        add("--patience", metavar="SECONDS", default="30", help="how long to try while Scrapyd is away (30)")
        add("--dry-run", action="store_true", help="say what would be sent")

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 when every job is sent or there already, 1 when one is not, 2 for invalid arguments."""
        from scrapy.utils.conf import get_sources

        from tvspiders.extras.scheduling.lock import alone
        from tvspiders.extras.scheduling.schedule import ends_in_database, now, prepare, send
        from tvspiders.extras.scheduling.scrapyd import Scrapyd
        from tvspiders.extras.scheduling.target import find_target

        patience = number("--patience", opts.patience)
        jobs = prepare(settings, _entries(args, opts), now(), os.environ)
        target = find_target(opts.target, get_sources(), os.environ)
        failed: list[Job] = []

        def report(job: Job, decision: Decision) -> None:
            if not decision.send:
                say(f"{job.entry.title}: nothing to do, {decision.why}")
                return
            how = "would be scheduled" if opts.dry_run else "scheduled"
            say(f"{job.entry.title}: {how} as {job.id}{f', {decision.why}' if decision.why else ''}")

        def complain(job: Job, why: str) -> None:
            failed.append(job)
            say_wrong(f"{job.entry.title}: {why}")

        async def work() -> None:
            async with Scrapyd(target) as scrapyd:
                await send(scrapyd, jobs, ends, patience, opts.dry_run, report, complain)

        with alone(f"{target.url} {target.project}"):
            ends = ends_in_database(str(settings["DATABASE_URL"]), [job.identity for job in jobs])
            asyncio.run(work())
        return 1 if failed else 0


def _entries(args: list[str], opts: argparse.Namespace) -> list[Entry]:
    from pydantic import ValidationError

    from tvspiders.extras.scheduling.entries import Entry, beside, read_entries

    if not args:
        if opts.spargs or opts.every or opts.set:
            raise UsageProblem("-a, -s and --every belong to a spider; the schedule file has its own")
        return read_entries(Path(opts.file or FILE))
    if opts.file:
        raise UsageProblem("name a spider or --file, not both")
    try:
        arguments, settings = arglist_to_dict(opts.spargs), arglist_to_dict(opts.set)
    except ValueError:
        raise UsageProblem("Invalid -a value, use -a NAME=VALUE") from None
    try:
        entry = Entry(
            spider=only_spider(args),
            arguments=arguments,
            settings=settings,
            every=opts.every,
            priority=number("--priority", opts.priority),
        )
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise UsageProblem(f"--every {said}") from None
    return [beside(entry, Path.cwd())]
