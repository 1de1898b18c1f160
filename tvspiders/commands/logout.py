"""``scrapy logout``: remove the tokens that ``scrapy login`` wrote."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand

from tvspiders.console.usage import no_arguments
from tvspiders.errors import TvspidersError, UsageProblem


class Command(ScrapyCommand):
    """Take the lines of sign-ins out of ``THINGIVERSE_TOKEN_FILE``; other lines stay. Nothing is asked."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Only options."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Remove the tokens of scrapy login from THINGIVERSE_TOKEN_FILE"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0 also when there was nothing to remove, 1 when the file cannot be changed."""
        from tvspiders.console.login_run import run_logout

        if self.settings is None:
            raise RuntimeError("Scrapy did not set up the command")
        try:
            no_arguments("logout", args)
            self.exitcode = run_logout(self.settings)
        except TvspidersError as error:
            print(f"tvspiders: {error}", file=sys.stderr)
            self.exitcode = 2 if isinstance(error, UsageProblem) else 1
