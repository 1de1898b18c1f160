"""``scrapy token``: whose tokens are these, and what may they see?"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from scrapy.commands import ScrapyCommand

from tvspiders.errors import TvspidersError

TIMEOUT = 20.0
"""Seconds for one answer."""
OWN_FIELDS = ("email", "default_license", "current_app")
"""Fields that only the answer about one's own account has (recorded 2022)."""


class Command(ScrapyCommand):
    """Ask ``/users/me`` with each token, one request each; the tokens themselves are never printed."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        """One line for ``scrapy -h``."""
        return "Show whose tokens are set and what they may see, never the tokens"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Exit code 0 when every token works, 1 otherwise."""
        if args:
            print("tvspiders: token takes no arguments; tokens come from the environment", file=sys.stderr)
            self.exitcode = 2
            return
        if self.settings is None:
            raise RuntimeError("Scrapy did not set up the command")
        try:
            self.exitcode = _show(str(self.settings["THINGIVERSE_API_URL"]), str(self.settings["USER_AGENT"]))
        except TvspidersError as error:
            print(f"tvspiders: {error}", file=sys.stderr)
            self.exitcode = 1


def _show(base: str, agent: str) -> int:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from tvspiders.console.preflight import check_origin
    from tvspiders.policies.tokens import TokenSource

    check_origin("THINGIVERSE_API_URL", base)
    table = Table(title=f"Tokens at {escape(base)}", title_justify="left")
    for name in ("token", "account", "may see", "answer"):
        table.add_column(name)
    bad = 0
    for token in TokenSource.from_environment(os.environ).tokens():
        account, rights, answer = _ask(base, agent, token.reveal())
        bad += not account
        table.add_row(token.label, escape(account or "-"), escape(rights), escape(answer))
    Console().print(table)
    return 1 if bad else 0


def _ask(base: str, agent: str, secret: str) -> tuple[str, str, str]:
    """Account, rights and what was answered; the account is empty when the token does not work."""
    from tvspiders.api import answers, urls

    status, headers, body, problem = _fetch(base.rstrip("/") + urls.me(), agent, secret)
    if problem:
        return "", "nothing", problem
    answer = answers.read(status, headers, body)
    if answer.verdict is not answers.Verdict.OK or not isinstance(answer.document, dict):
        return (
            "",
            "nothing",
            f"{status} {answer.verdict.value.replace('_', ' ')}: {answer.message or answer.reason}",
        )
    document: dict[str, Any] = answer.document
    account = f"{document.get('name')} (user {document.get('id')})"
    own = any(name in document for name in OWN_FIELDS)
    rights = "public data, and this account's own" if own else "public data"
    return account, rights, str(status)


def _fetch(url: str, agent: str, secret: str) -> tuple[int, dict[str, str], bytes, str]:
    """One GET that follows no redirect; the last value says in one line what went wrong."""
    import http.client
    import ssl
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT, context=context)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request(
            "GET",
            parts.path,
            headers={"Authorization": f"Bearer {secret}", "User-Agent": agent, "Accept": "application/json"},
        )
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read(1_000_000), ""
    except (OSError, http.client.HTTPException) as error:
        return 0, {}, b"", f"the API cannot be reached ({type(error).__name__})"
    finally:
        connection.close()
