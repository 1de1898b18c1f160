"""Scrapy's commands that this project refuses."""

from __future__ import annotations

import argparse
import sys
from typing import ClassVar

from tvspiders.console.command import TvCommand
from tvspiders.console.usage import complain, known_options
from tvspiders.errors import UsageProblem


class RefusedCommand(TvCommand):
    """Print in one line why the command is refused, and what to use instead."""

    requires_project = False
    why: ClassVar[str]

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return f"Not in this project: {self.why}"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Nothing of Scrapy's command is run: it would leave a crawl in the user's database."""
        try:
            known_options(args)
            raise UsageProblem(self.why)
        except UsageProblem as error:
            sys.exit(complain(error))
