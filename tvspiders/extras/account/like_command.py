"""Base class of ``scrapy like`` and ``scrapy unlike``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.extras.account.likes_sent import Action


class LikeCommand(TvCommand):
    """Send what ``action`` says for each thing, once."""

    usage = "[options] <thing> …"
    action: ClassVar[Action]

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

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 when all succeeded, 3 when some failed, 1 when all did, 2 for invalid arguments."""
        from tvspiders.extras.account.like import LikeOptions, read_things, run_likes

        options = LikeOptions(self.action, read_things(args), opts.account, opts.dry_run)
        return run_likes(settings, opts.set, options)
