"""``scrapy sandbox``: a made-up Thingiverse on loopback."""

from __future__ import annotations

import argparse
import asyncio

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import UsageProblem
from tvspiders.printing import say


class Command(TvCommand):
    """Serve a made-up Thingiverse until Ctrl-C or SIGTERM."""

    requires_project = False
    summary = "Serve a made-up Thingiverse on loopback, for trying things out without a token"
    examples = (
        "scrapy sandbox --port 8080",
        "scrapy sandbox --port 8080 --things 20000 --quota 300/5m",
    )
    no_arguments = "sandbox takes no arguments, only options; -h shows them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and the switches of the sandbox."""
        from tvspiders.sandbox.options import add_options

        super().add_options(parser)
        add_options(parser)

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Serve; exit code 2 for a value that is not accepted or a port that is taken."""
        from tvspiders.sandbox.config import ConfigError
        from tvspiders.sandbox.options import config_from
        from tvspiders.sandbox.server import serve

        try:
            asyncio.run(serve(config_from(opts), _announce))
        except ConfigError as error:
            raise UsageProblem(str(error)) from None
        return 0


def _announce(url: str) -> None:
    say(f"sandbox listening on {url}")
