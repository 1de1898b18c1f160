"""What ``scrapy plan`` does, and the table that it prints."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from scrapy.settings import Settings

from tvspiders import printing
from tvspiders.api.urls import base_url
from tvspiders.checks.crawl import check_crawl, spider_of
from tvspiders.checks.reachability import check_reachable
from tvspiders.console.api.client import ApiClient
from tvspiders.console.plan.costs import Plan, make_plan
from tvspiders.console.plan.refresh import plan_refresh
from tvspiders.errors import UsageProblem
from tvspiders.extensions.progress.text import duration
from tvspiders.params import CrawlParams, RefreshParams
from tvspiders.periods import period_text
from tvspiders.policies.quota.limit import parse_quota
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.storage.catalogue.answer_fields import read_api_names


def run_plan(settings: Settings, name: str, given: Mapping[str, str], from_command_line: list[str]) -> None:
    """Check the command as ``scrapy crawl`` does, ask, print. Raises a ``TvspidersError`` in one line."""
    arguments = check_crawl(settings, spider_of(settings, name), given, from_command_line).arguments
    check_reachable(settings)
    if arguments is None:
        raise UsageProblem(f"the spider {name!r} cannot be planned")
    source = TokenSource.from_environment(os.environ)
    if isinstance(arguments, RefreshParams):
        plan = plan_refresh(str(settings["DATABASE_URL"]), arguments)
    else:
        plan = asyncio.run(_ask(settings, source, arguments))
    print_plan(plan, name, str(settings["TV_QUOTA"]), len(source.tokens()), printing.console())


async def _ask(settings: Settings, source: TokenSource, arguments: CrawlParams) -> Plan:
    client = ApiClient(settings, source)
    try:
        with client.engine.connect() as connection:
            known = read_api_names(connection, base_url(str(settings["THINGIVERSE_API_URL"])))
        return await make_plan(arguments, client.get, known)
    finally:
        await client.close()


def print_plan(plan: Plan, spider: str, quota_text: str, tokens: int, console: Console) -> None:
    """Print requests by purpose, and the time that they take at the present quota."""
    quota = parse_quota(quota_text)
    per_second = tokens * quota.limit / quota.period
    table = Table(title=f"Plan for {spider}", title_justify="left")
    table.add_column("for")
    table.add_column("requests", justify="right")
    for name, number in plan.parts.items():
        table.add_row(name, f"{number:,}")
    table.add_section()
    table.add_row("in all, about", f"{plan.total:,}")
    console.print(table)
    console.print(
        f"About {duration(plan.total / per_second)} at {quota.limit:,}/{period_text(quota.period)} "
        f"with {tokens} token{'s' if tokens > 1 else ''}; this estimate took {plan.asked} "
        f"request{'s' if plan.asked != 1 else ''}.",
        highlight=False,
        soft_wrap=True,
    )
    for note in plan.notes:
        console.print(f"Note: {note}.", highlight=False, soft_wrap=True)
