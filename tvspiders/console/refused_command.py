"""Commands of Scrapy that have no place in this project."""

from __future__ import annotations

import argparse
import sys
from typing import ClassVar

from scrapy.commands import ScrapyCommand

from tvspiders.console.usage import complain
from tvspiders.errors import UsageProblem


class RefusedCommand(ScrapyCommand):
    """Says in one line why not, and what to use instead."""

    requires_crawler_process = False
    why: ClassVar[str]

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return f"Not in this project: {self.why}"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Nothing of Scrapy's command is run: it would leave a crawl in the user's database."""
        sys.exit(complain(UsageProblem(self.why)))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Never comes to this."""
