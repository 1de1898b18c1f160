"""``scrapy logout``: remove the tokens that ``scrapy login`` wrote."""

from __future__ import annotations

import argparse

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand


class Command(TvCommand):
    """Remove the lines of sign-ins from ``THINGIVERSE_TOKEN_FILE``; other lines stay. No request is sent."""

    summary = "Remove the tokens of scrapy login from THINGIVERSE_TOKEN_FILE"
    examples = (
        "scrapy logout",
        "THINGIVERSE_TOKEN_FILE=tokens scrapy logout",
    )
    no_arguments = "logout takes no arguments, only options; -h shows them"

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 also when there was nothing to remove, 1 when the file cannot be changed."""
        from tvspiders.extras.account.login import run_logout

        return run_logout(settings)
