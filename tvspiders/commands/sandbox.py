"""``scrapy sandbox``: a made-up Thingiverse on loopback."""

from __future__ import annotations

import argparse
import asyncio

from scrapy.commands import ScrapyCommand

from tvspiders.console.standard_output import plain_output
from tvspiders.printing import say, say_wrong


class Command(ScrapyCommand):
    """Serve a made-up Thingiverse until Ctrl-C or SIGTERM.

    Example: ``scrapy sandbox --port 8080 --things 20000 --quota 300/5m``
    """

    requires_project = False
    requires_crawler_process = False

    def syntax(self) -> str:
        """No arguments, only options."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Serve a made-up Thingiverse on loopback, for trying things out without a token"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and the switches of the sandbox."""
        from tvspiders.sandbox.options import add_options

        super().add_options(parser)
        add_options(parser)

    @plain_output()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve; exit code 2 for a value that is not accepted or a port that is taken."""
        from tvspiders.sandbox.config import ConfigError
        from tvspiders.sandbox.options import config_from
        from tvspiders.sandbox.server import serve

        try:
            if args:
                raise ConfigError(f"argument {args[0]!r} is not accepted; accepted: options only")
            asyncio.run(serve(config_from(opts), _announce))
        except ConfigError as wrong:
            say_wrong(f"{wrong}")
            self.exitcode = 2


def _announce(url: str) -> None:
    say(f"sandbox listening on {url}")
