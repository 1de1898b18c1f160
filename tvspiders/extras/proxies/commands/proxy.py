"""``scrapy proxy``: does the API answer through the proxies?"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from scrapy.settings import Settings

from tvspiders import printing
from tvspiders.console.command import TvCommand

if TYPE_CHECKING:
    from tvspiders.policies.security.proxy_address import Route


class Command(TvCommand):
    """Ask ``/users/me`` through one proxy after the other until one answers; passwords are never shown."""

    summary = "Check the proxies with one request to the API"
    examples = (
        "scrapy proxy",
        "scrapy proxy --all",
    )
    no_arguments = "proxy takes no arguments; proxies come from the environment"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's options, and ours."""
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="try every proxy, one request each")

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 when a proxy answers (with ``--all``: when all do), 1 otherwise."""
        return _check(settings, opts.set, every=opts.all)


def _check(settings: Settings, from_command_line: list[str], *, every: bool) -> int:
    import asyncio

    from rich.markup import escape
    from rich.table import Table

    from tvspiders.checks.final_settings import check_settings
    from tvspiders.console.api.client import proxy_routes
    from tvspiders.errors import ConfigProblem
    from tvspiders.policies.security.proxy_address import DIRECT

    check_settings(settings, from_command_line)
    routes = [route for route in proxy_routes(settings) if route is not DIRECT]
    if not routes:
        raise ConfigProblem("no proxy is used; THINGIVERSE_PROXY names one, unless TV_PROXY_MODE is off")
    table = Table(title=escape(f"Proxies to {settings['THINGIVERSE_API_URL']}"), title_justify="left")
    for name in ("exit", "latency", "verdict"):
        table.add_column(name)
    working = tried = 0
    for route in routes:
        seconds, verdict = asyncio.run(_ask(settings, route))
        table.add_row(route.label, f"{1000 * seconds:,.0f} ms" if seconds else "-", escape(verdict))
        working, tried = working + bool(seconds), tried + 1
        if working and not every:
            break
    printing.console().print(table)
    return 0 if working and (not every or working == tried) else 1


async def _ask(settings: Settings, route: Route) -> tuple[float | None, str]:
    """Seconds that the API's answer took through a proxy, ``None`` without one, and the verdict in words."""
    from tvspiders.api import urls
    from tvspiders.api.answers import Verdict
    from tvspiders.console.api.client import ApiClient
    from tvspiders.errors import NoResponse
    from tvspiders.policies.security.tokens import TokenSource

    client = ApiClient(settings, TokenSource.from_environment(os.environ), [route])
    try:
        reply = await client.get(urls.me())
    except NoResponse as error:
        return None, error.why
    finally:
        await client.close()
    answer = reply.answer
    if answer.verdict is Verdict.BLOCKED or (answer.verdict is Verdict.BROKEN and answer.document is None):
        return None, f"not the API's own answer ({answer.status} {answer.reason})"
    said = "" if answer.verdict is Verdict.OK else f", {answer.verdict.value.replace('_', ' ')}"
    return reply.seconds, f"the API answers ({answer.status}{said})"
