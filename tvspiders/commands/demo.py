"""``scrapy demo``: the whole thing at work in a minute, without a token and without the internet."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from scrapy.commands import ScrapyCommand

from tvspiders.console.interrupt import plain_interrupt
from tvspiders.errors import TvspidersError
from tvspiders.printing import say_wrong

QUERY = "planters"
THINGS = 20_000
QUOTA = "400/10s"
"""Shown to the crawl and enforced by the sandbox: a window passes before one's eyes."""


class Command(ScrapyCommand):
    """Start a sandbox, crawl it, show what is in the database."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Only options."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Crawl a made-up Thingiverse into thingiverse.db and things.jsonl, and show the result"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument(
            "--folder", metavar="FOLDER", default=".", help="where the two files go (default: here)"
        )

    @plain_interrupt("interrupted; the same command goes on")
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code of the crawl."""
        from tvspiders.console.demo.run import run_demo

        if args:
            say_wrong("demo takes no arguments")
            self.exitcode = 2
            return
        folder = Path(opts.folder)
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            say_wrong(f"{folder} is not a folder that can be written")
            self.exitcode = 2
            return
        try:
            self.exitcode = run_demo(folder.absolute(), QUERY, THINGS, QUOTA)
        except TvspidersError as error:
            say_wrong(f"{error}")
            self.exitcode = 1
