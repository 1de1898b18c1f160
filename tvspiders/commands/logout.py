"""``scrapy logout``: remove the tokens that ``scrapy login`` wrote."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand

from tvspiders.console.standard_output import plain_output
from tvspiders.console.usage import complain, no_arguments, settings_of
from tvspiders.errors import TvspidersError


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

    @plain_output()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0 also when there was nothing to remove, 1 when the file cannot be changed."""
        from tvspiders.extras.account.login import run_logout

        settings = settings_of(self)
        try:
            no_arguments("logout", args)
            self.exitcode = run_logout(settings)
        except TvspidersError as error:
            self.exitcode = complain(error)
