"""``scrapy probe``: find out which names, fields, page sizes and quota the API has today."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand


class Command(TvCommand):
    """Find out names of lists, fields, sizes of pages and the quota with at most 60 requests."""

    summary = "Find out how the API speaks, in at most 60 requests; writes probe.json"
    examples = (
        "scrapy probe",
        "scrapy probe -o today.json",
    )
    no_arguments = "probe takes no arguments, only options; -h shows them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options, and the file."""
        super().add_options(parser)
        parser.add_argument(
            "-o", "--output", metavar="FILE", default="probe.json", help="where to write the answers"
        )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 when the questions were asked, whatever the answers; 1 when they could not be."""
        from tvspiders.console.probe.run import run_probe

        run_probe(settings, Path(opts.output))
        return 0
