"""``scrapy demo``: a sandbox and a crawl of it, in a minute, without a token and without the internet."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import UsageProblem

QUERY = "planters"
THINGS = 20_000
QUOTA = "400/10s"
"""Of the crawl and of the sandbox: short, so that one sees a window end."""


class Command(TvCommand):
    """Start a sandbox, crawl it, show what is in the database."""

    summary = "Crawl a made-up Thingiverse into thingiverse.db and things.jsonl, and show the result"
    examples = (
        "scrapy demo",
        "scrapy demo --folder demo",
    )
    no_arguments = "demo takes no arguments, only options; -h shows them"
    interrupted = "interrupted; the same command goes on"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument(
            "--folder", metavar="FOLDER", default=".", help="where the two files go (default: here)"
        )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code of the crawl."""
        from tvspiders.console.demo.run import run_demo

        folder = Path(opts.folder)
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UsageProblem(f"{folder} is not a folder that can be written")
        return run_demo(folder.absolute(), QUERY, THINGS, QUOTA)
