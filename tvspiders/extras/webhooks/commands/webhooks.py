"""``scrapy webhooks``: receive Thingiverse's order events."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.errors import UsageProblem
from tvspiders.printing import say, say_wrong

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Command(TvCommand):
    """Receive order events behind a secret address until Ctrl-C or SIGTERM."""

    summary = "Receive Thingiverse's order events into the database"
    examples = (
        "scrapy webhooks",
        "scrapy webhooks --port 8765 --secret-file webhooks.secret",
    )
    no_arguments = "webhooks takes no arguments, only options; -h shows them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own options and ours."""
        super().add_options(parser)
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument(
            "--port", default="8765", help="port to listen on, 0 for a free one (default: 8765)"
        )
        parser.add_argument(
            "--secret-file",
            default="webhooks.secret",
            metavar="FILE",
            help="file with the secret of the address; made where it is not there (default: webhooks.secret)",
        )
        parser.add_argument(
            "--keep-addresses",
            action="store_true",
            help="store postal addresses and telephone numbers of buyers, which are redacted otherwise",
        )

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Serve; exit code 0 when stopped, 2 for a wrong option, 1 when it cannot begin."""
        from tvspiders.extras.webhooks.serving import serve

        host = "127.0.0.1" if opts.host == "localhost" else opts.host
        counts = serve(
            str(settings["DATABASE_URL"]),
            host,
            _port(opts.port),
            Path(opts.secret_file),
            lambda url: _announce(url, host),
            opts.keep_addresses,
        )
        counted = ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "nothing came"
        say_wrong(f"webhooks stopped: {counted}")
        return 0


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise UsageProblem(f"port {text!r} is not accepted; it takes 0 to 65535")
    return int(text)


def _announce(url: str, host: str) -> None:
    say(f"webhooks listening on {url}")
    say(
        "Keep this address secret: Thingiverse signs nothing, so anyone who knows it can send events. "
        "Look at the site before you act on an order.",
    )
    if host not in LOOPBACK and not host.startswith("127."):
        say(
            "Others can reach this port, and it speaks plain HTTP: put a server with a certificate in front.",
        )
