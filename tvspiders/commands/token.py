"""``scrapy token``: whose tokens are these, and what may they see?"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from tvspiders import printing
from tvspiders.console.interrupt import plain_interrupt
from tvspiders.console.usage import settings_of
from tvspiders.errors import TvspidersError
from tvspiders.printing import say_wrong

if TYPE_CHECKING:
    from scrapy.settings import Settings

    from tvspiders.policies.security.tokens import TokenSource


class Command(ScrapyCommand):
    """Ask ``/users/me`` with each token, one request each; the tokens themselves are never printed."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Only options."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Show whose tokens are set and what they may see, never the tokens"

    @plain_interrupt()
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0 when every token works, 1 otherwise."""
        if args:
            say_wrong("token takes no arguments; tokens come from the environment")
            self.exitcode = 2
            return
        settings = settings_of(self)
        try:
            self.exitcode = _show(settings)
        except TvspidersError as error:
            say_wrong(f"{error}")
            self.exitcode = 1


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
    """Account, rights and what was answered; the account is empty when the token does not work."""
    from tvspiders.api import urls
    from tvspiders.api.answers import Verdict
    from tvspiders.api.users import is_own
    from tvspiders.console.api.client import ApiAsker

    asker = ApiAsker(settings, source)
    try:
        answer = (await asker.get(urls.me())).answer
    finally:
        await asker.close()
    if answer.verdict is not Verdict.OK or not isinstance(answer.document, dict):
        said = answer.message or answer.reason
        return "", "nothing", f"{answer.status} {answer.verdict.value.replace('_', ' ')}: {said}"
    document: dict[str, Any] = answer.document
    account = f"{document.get('name')} (user {document.get('id')})"
    return account, "public data, own account" if is_own(document) else "public data", str(answer.status)
