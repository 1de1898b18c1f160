"""``scrapy probe``: how does this API speak today?"""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.commands import ScrapyCommand

from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import complain, known_options, no_arguments, plain_database, settings_of
from tvspiders.errors import TvspidersError


class Command(ScrapyCommand):
    """Ask at most 60 requests how the API speaks: names of lists, fields, sizes of pages, the quota."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Only options."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Find out how the API speaks, in at most 60 requests; writes probe.json"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options, and the file."""
        super().add_options(parser)
        parser.add_argument(
            "-o", "--output", metavar="FILE", default="probe.json", help="where to write the answers"
        )

    @plain_interrupt()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0 when the questions were asked, whatever the answers; 1 when they could not be."""
        from tvspiders.console.probe.run import run_probe

        settings = settings_of(self)
        try:
            known_options(args)
            no_arguments("probe", args)
            with plain_database():
                run_probe(settings, Path(opts.output))
        except TvspidersError as error:
            self.exitcode = complain(error)
