"""What ``scrapy like`` and ``scrapy unlike`` have in common."""

from __future__ import annotations

import argparse
from typing import ClassVar

from scrapy.commands import ScrapyCommand

from tvspiders.console.standard_output import plain_output
from tvspiders.console.usage import complain, settings_of
from tvspiders.errors import TvspidersError
from tvspiders.extras.account.likes_sent import Action


class LikeCommand(ScrapyCommand):
    """Send what ``action`` says for each thing, once."""

    requires_project = True
    requires_crawler_process = False
    action: ClassVar[Action]

    def syntax(self) -> str:
        """Things, as people name them."""
        return "[options] <thing> …"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what would be sent, send nothing")
        parser.add_argument(
            "--as",
            dest="account",
            default="",
            metavar="NAME",
            help="which account, where tokens of several are set",
        )

    @plain_output()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0 when all is as asked for, 3 when some is not, 1 when nothing is, 2 for wrong words."""
        from tvspiders.extras.account.like import LikeOptions, read_things, run_likes

        settings = settings_of(self)
        try:
            options = LikeOptions(self.action, read_things(args), opts.account, opts.dry_run)
            self.exitcode = run_likes(settings, opts.set, options)
        except TvspidersError as error:
            self.exitcode = complain(error)
