"""``scrapy forget``: remove a person from the database, and store nothing of them again."""

from __future__ import annotations

import argparse

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import UsageProblem
from tvspiders.printing import say

THINGS = ("keep", "delete")


class Command(TvCommand):
    """Delete what is stored about a user, and store nothing about them again."""

    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012
    usage = "[options] <login name or number of a user>"
    summary = "Take a person out of the database, and keep them out of later crawls"
    examples = (
        "scrapy forget MakerBot --dry-run",
        "scrapy forget MakerBot --things delete",
    )
    interrupted = "interrupted; run the same command again"

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

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0; 1 for a user who is not there and an unusable database, 2 for a wrong command line."""
        if len(args) != 1 or not args[0].strip():
            raise UsageProblem("name one user, by login name or number: scrapy forget MakerBot")
        if opts.things not in THINGS:
            raise UsageProblem(f"--things {opts.things!r} is not accepted; accepted: {', '.join(THINGS)}")
        from tvspiders.console.forget_run import run

        for line in run(settings, args[0].strip(), opts.things, opts.dry_run):
            say(f"tvspiders: {line}")
        return 0
