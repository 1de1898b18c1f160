"""``scrapy login``: get a token of your own account from Thingiverse."""

from __future__ import annotations

import argparse

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import UsageProblem


class Command(TvCommand):
    """Ask in the browser, receive the redirect on loopback, store the token in ``THINGIVERSE_TOKEN_FILE``."""

    summary = "Sign in with a registered app and keep the token in THINGIVERSE_TOKEN_FILE"
    examples = (
        "scrapy login",
        "scrapy login --no-browser --port 0",
    )
    no_arguments = "login takes no arguments, only options; -h shows them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument(
            "--implicit",
            action="store_true",
            help="without a secret: the site gives the token to the browser",
        )
        parser.add_argument("--no-browser", action="store_true", help="only print the address")
        parser.add_argument(
            "--port", default="8323", help="loopback port for the answer (default 8323; 0 takes a free one)"
        )
        parser.add_argument(
            "--timeout", default="300", metavar="SECONDS", help="how long to wait for a yes (default 300)"
        )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 when signed in, 1 otherwise, 2 for a wrong command line, 4 when interrupted."""
        from tvspiders.extras.account.login import LoginOptions, run_login

        options = LoginOptions(
            implicit=opts.implicit,
            browser=not opts.no_browser,
            port=_between("--port", opts.port, 0, 65_535),
            timeout=_between("--timeout", opts.timeout, 1, 86_400),
        )
        return run_login(settings, opts.set, options)


def _between(name: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7 and low <= int(text) <= high):
        raise UsageProblem(f"{name} {text!r} is not accepted; it takes a whole number from {low} to {high}")
    return int(text)
