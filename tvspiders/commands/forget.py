"""``scrapy forget``: take a person out of the database, and keep them out."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import complain, known_options, plain_database, settings_of
from tvspiders.errors import TvspidersError, UsageProblem
from tvspiders.printing import say

THINGS = ("keep", "delete")


class Command(ScrapyCommand):
    """Delete what is stored about a user, and store nothing about them again.

    Example: ``scrapy forget MakerBot --dry-run``
    """

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012

    def syntax(self) -> str:
        """One user."""
        return "[options] <login name or number of a user>"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Take a person out of the database, and keep them out of later crawls"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument(
            "--things",
            metavar="WHAT",
            default="keep",
            help="keep their things without creator, name and texts (default), or delete them",
        )

    @plain_interrupt("interrupted; run the same command again")
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0; 1 for a user who is not there and an unusable database, 2 for a wrong command line."""
        settings = settings_of(self)
        try:
            known_options(args)
            if len(args) != 1 or not args[0].strip():
                raise UsageProblem("name one user, by login name or number: scrapy forget MakerBot")
            if opts.things not in THINGS:
                raise UsageProblem(f"--things {opts.things!r} is not accepted; accepted: {', '.join(THINGS)}")
            from tvspiders.console.forget_run import run

            with plain_database():
                lines = run(settings, args[0].strip(), opts.things, opts.dry_run)
        except TvspidersError as error:
            self.exitcode = complain(error)
            return
        for line in lines:
            say(f"tvspiders: {line}")
