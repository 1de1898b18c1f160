"""Run ``scrapy login`` and ``scrapy logout``."""

from __future__ import annotations

import asyncio
import os
import threading
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from tvspiders.api import urls
from tvspiders.api.answers import Verdict
from tvspiders.api.values import identity
from tvspiders.checks.database import check_database
from tvspiders.checks.final_settings import check_origin, check_settings
from tvspiders.checks.reachability import check_proxy
from tvspiders.console.api import http
from tvspiders.console.api.client import ApiClient
from tvspiders.errors import AccountProblem, ConfigProblem
from tvspiders.extras.account.attempt import Attempt, one_line
from tvspiders.extras.account.callback import Callback
from tvspiders.extras.account.exchange import (
    INFO_PATH,
    TOKEN_PATH,
    check_audience,
    exchange_form,
    plausible,
    read_token,
)
from tvspiders.extras.account.pasted_redirect import pasted
from tvspiders.extras.account.token_file import Account, TokenFile
from tvspiders.policies.security.redaction import install_redaction
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.printing import say, say_wrong

PORT = 8323
"""Default port of the callback; part of the registered callback address."""
TIMEOUT = 300.0
"""Seconds for the user to consent."""
LARGEST = 1024 * 1024
NAME_IT = "name one in THINGIVERSE_TOKEN_FILE, such as thingiverse.token"


@dataclass(frozen=True)
class LoginOptions:
    """The options of the command line."""

    implicit: bool
    browser: bool
    port: int
    timeout: float


@dataclass(frozen=True, repr=False)
class App:
    """The registered app, from the environment."""

    client_id: str
    secret: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], implicit: bool) -> App:
        """Raises ``ConfigProblem`` for missing values; only exchanging a code needs the secret."""
        client_id = environ.get("THINGIVERSE_CLIENT_ID", "").strip()
        secret = environ.get("THINGIVERSE_CLIENT_SECRET", "").strip()
        named = {"THINGIVERSE_CLIENT_ID": client_id} | (
            {} if implicit else {"THINGIVERSE_CLIENT_SECRET": secret}
        )
        missing = " and ".join(name for name, value in named.items() if not value)
        if missing:
            are = "are" if " and " in missing else "is"
            raise ConfigProblem(f"{missing} {are} not set; docs/account.md says how to register an app")
        return cls(client_id, secret)


def token_file(environ: Mapping[str, str]) -> TokenFile:
    """The file to write. Raises ``ConfigProblem`` when none is named."""
    name = environ.get("THINGIVERSE_TOKEN_FILE", "").strip()
    if not name:
        raise ConfigProblem(f"there is no file to keep the token in; {NAME_IT}")
    return TokenFile(Path(name))


def run_login(settings: BaseSettings, from_command_line: list[str], options: LoginOptions) -> int:
    """Sign in; exit code 0, or 4 when interrupted. Raises a ``TvspidersError`` in one line."""
    app = App.from_environment(os.environ, options.implicit)
    install_redaction([app.secret])
    file = token_file(os.environ)
    file.check()
    check_settings(settings, from_command_line)
    check_origin("THINGIVERSE_WWW_URL", str(settings["THINGIVERSE_WWW_URL"]))
    check_proxy(settings, from_command_line)
    check_database(settings)
    try:
        asyncio.run(_login(settings, app, file, options))
    except KeyboardInterrupt:
        say_wrong("interrupted; nothing was written")
        return 4
    return 0


async def _login(settings: BaseSettings, app: App, file: TokenFile, options: LoginOptions) -> None:
    www = str(settings["THINGIVERSE_WWW_URL"]).rstrip("/")
    attempt = Attempt.begin(app.client_id, options.implicit)
    callback = Callback(attempt, options.port)
    back = await callback.start()
    try:
        _show(attempt.address(www, back), options)
        found = await _first(attempt, callback, back, options.timeout)
        install_redaction([found])
        token = plausible(found) if options.implicit else await _exchange(settings, www, app, found, back)
        install_redaction([token])
        post = await _post(settings, www + INFO_PATH, {"access_token": token})
        check_audience(post.status, post.headers, post.body, app.client_id)
        account, note = await _whose(settings, token)
    finally:
        await callback.stop()
    replaced = file.add(token, account, f"app {one_line(app.client_id)}, {datetime.now(UTC):%Y-%m-%d}")
    say(f"Signed in as {account}.{note}")
    say(
        "The token is in the file that THINGIVERSE_TOKEN_FILE names"
        + (", in the place of an earlier one of this account." if replaced else ".")
    )


def _show(address: str, options: LoginOptions) -> None:
    shown = ", which your browser should show by now" if options.browser else " in any browser"
    say(f"Allow the app at this address{shown}:", "", address, "")
    say(
        f"Waiting for {options.timeout:g} seconds. Is the browser on another computer? "
        "Then paste the address that it ends at.",
    )
    if options.browser:
        # A text browser would block this process.
        threading.Thread(target=_open, args=(address,), name="tvspiders-browser", daemon=True).start()


def _open(address: str) -> None:
    try:
        webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return


async def _first(attempt: Attempt, callback: Callback, back: str, timeout: float) -> str:
    """Wait for the browser or a pasted address, whichever comes first."""
    ways = [
        asyncio.ensure_future(callback.wait()),
        asyncio.ensure_future(pasted(attempt, back, 0, say)),
    ]
    try:
        done, _ = await asyncio.wait(ways, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise AccountProblem(f"no answer within {timeout:g} seconds; nothing was written")
        return done.pop().result()
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _exchange(settings: BaseSettings, www: str, app: App, code: str, back: str) -> str:
    form = exchange_form(app.client_id, app.secret, code, back)
    reply = await _post(settings, www + TOKEN_PATH, form, is_secret=True)
    return read_token(reply.status, reply.headers, reply.body)


async def _post(
    settings: BaseSettings, url: str, form: Mapping[str, str], is_secret: bool = False
) -> http.HttpResponse:
    headers, what = (
        {"User-Agent": str(settings["USER_AGENT"]), "Accept": "*/*"},
        "the site/THINGIVERSE_WWW_URL",
    )
    return await http.send("POST", url, headers, form, what=what, largest=LARGEST, is_secret=is_secret)


async def _whose(settings: BaseSettings, token: str) -> tuple[Account, str]:
    """The account, and what to add when the API did not say."""
    try:
        asker = ApiClient(settings, TokenSource(token))
        try:
            answer = (await asker.get(urls.me())).answer
        finally:
            await asker.close()
    except ConfigProblem as problem:
        return Account("unknown account", None), f" The API did not say whose token it is: {problem}."
    if answer.verdict is Verdict.UNAUTHORIZED:
        raise AccountProblem(
            "the API does not accept the token that the site gave (401); nothing was written"
        )
    document: dict[str, Any] = answer.document if isinstance(answer.document, dict) else {}
    name = one_line(str(document.get("name") or "")).replace("#", "")
    if answer.verdict is not Verdict.OK or not name:
        said = one_line(answer.message) or answer.reason or f"status {answer.status}"
        return Account("unknown account", None), f" The API did not say whose token it is ({said})."
    return Account(name, identity(document.get("id"))), ""


def run_logout(settings: BaseSettings) -> int:
    """Remove the tokens of sign-ins; exit code 0 also where there were none."""
    accounts = token_file(os.environ).remove()
    www = str(settings["THINGIVERSE_WWW_URL"]).rstrip("/")
    for account in accounts:
        say(f"Removed the token of {account}.")
    if not accounts:
        say("The file that THINGIVERSE_TOKEN_FILE names holds no token of scrapy login.")
    say(
        f"The site cannot revoke a token: to invalidate it, delete the app at {www}/developers "
        "(your app, then Edit this app)."
    )
    return 0
