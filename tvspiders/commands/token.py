"""``scrapy token``: show the accounts and rights of the tokens."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from scrapy.settings import Settings

from tvspiders import printing
from tvspiders.console.command import TvCommand

if TYPE_CHECKING:
    from tvspiders.policies.security.tokens import TokenSource


class Command(TvCommand):
    """Ask ``/users/me`` with each token, one request each; the tokens themselves are never printed."""

    summary = "Show whose tokens are set and what they may see, never the tokens"
    examples = (
        "scrapy token",
        "THINGIVERSE_TOKEN_FILE=tokens scrapy token",
    )
    no_arguments = "token takes no arguments; tokens come from the environment"

    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Exit code 0 when every token works, 1 otherwise."""
        return _show(settings)


def _show(settings: Settings) -> int:
    import asyncio

    from rich.markup import escape
    from rich.table import Table

    from tvspiders.policies.security.tokens import TokenSource

    table = Table(title=escape(f"Tokens at {settings['THINGIVERSE_API_URL']}"), title_justify="left")
    for name in ("token", "account", "may see", "answer"):
        table.add_column(name)
    bad = 0
    for token in TokenSource.from_environment(os.environ).tokens():
        account, rights, answer = asyncio.run(_ask(settings, TokenSource(token.reveal())))
        bad += not account
        table.add_row(token.label, escape(account or "-"), escape(rights), escape(answer))
    printing.console().print(table)
    return 1 if bad else 0


async def _ask(settings: Settings, source: TokenSource) -> tuple[str, str, str]:
    """Account, rights and the response in words; the account is empty when the token does not work."""
    from tvspiders.api import urls
    from tvspiders.api.answers import Verdict
    from tvspiders.api.users import is_own
    from tvspiders.console.api.client import ApiClient

    client = ApiClient(settings, source)
    try:
        answer = (await client.get(urls.me())).answer
    finally:
        await client.close()
    if answer.verdict is not Verdict.OK or not isinstance(answer.document, dict):
        said = answer.message or answer.reason
        return "", "nothing", f"{answer.status} {answer.verdict.value.replace('_', ' ')}: {said}"
    document: dict[str, Any] = answer.document
    account = f"{document.get('name')} (user {document.get('id')})"
    return account, "public data, own account" if is_own(document) else "public data", str(answer.status)
