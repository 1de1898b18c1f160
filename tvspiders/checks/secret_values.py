"""Secrets of this process's environment: they are masked, and refused where others could read them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from tvspiders.checks.own_settings import OwnSettings
from tvspiders.errors import ConfigProblem, StorageProblem, UsageProblem
from tvspiders.policies.security import proxy_address
from tvspiders.policies.security.redaction import install_redaction
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.storage.database.url import parse_url, secrets_of_url

PARTS = ("TOKEN", "SECRET", "PASSWORD")
"""The name of a secret variable has one of these parts."""
SECRET_NAMES = (*PARTS, "PROXY")
"""Names with one of these parts are not accepted on the command line, where other users can read them."""
PLAIN_NAMES = (
    *(name for name in OwnSettings.model_fields if name.startswith("TV_PROXY_")),
    "HTTPPROXY_ENABLED",
)
"""Names that have one of these parts and hold no secret."""
SHORTEST = 6
"""Characters below which a secret would be found in ordinary words."""


def secrets_of(environ: Mapping[str, str]) -> list[str]:
    """Every secret that the environment, or a file that it names, holds."""
    found = [
        value
        for name, value in environ.items()
        if any(part in name.upper() for part in PARTS) and not name.upper().endswith("FILE")
    ]
    with suppress(ConfigProblem):  # without a token here the jobs get theirs from the daemon
        found += [token.reveal() for token in TokenSource.from_environment(environ).seen()]
    with suppress(StorageProblem):
        found += secrets_of_url(parse_url(environ.get("DATABASE_URL", "")))
    with suppress(ConfigProblem):
        for text in proxy_address.texts_of(environ):
            found += proxy_address.secrets_of_address(text)
    for name, value in environ.items():
        if name.endswith("_URL"):
            found += _passwords_in(value)
    return [secret for secret in dict.fromkeys(found) if len(secret) >= SHORTEST]


def know_secrets(environ: Mapping[str, str]) -> None:
    """Mask every secret of the environment from now on, in logs, in answers and in what is printed.

    Those that are sent to the API, tokens and the app's secret, are registered where they are read.
    """
    install_redaction(secrets_of(environ), told_api=False)


def holds_password(name: str, value: str) -> bool:
    """Whether the value of a setting is, or holds, an address with a password in any place for one."""
    scheme, found, rest = value.partition("://")
    if name == "DATABASE_URL" and not scheme.strip().lower().startswith("sqlite"):
        # a query may hold anything, and words without an address are options for libpq
        return ":" in rest.rpartition("@")[0] or "?" in rest or "=" in (rest or value)
    if name == "SPLASH_URL":
        return "@" in rest or "?" in rest
    return bool(found and _LOGIN.search(value)) or any(_passwords_in(value))


_LOGIN = re.compile(r"://[^\s\"',]*:[^\s\"',]*@|://\S*[?&]\w*(?:password|secret)=", re.IGNORECASE)


def _passwords_in(address: str) -> list[str]:
    """What ``make_url`` and ``urlsplit`` read as a password, as it is and decoded."""
    found: list[str] = []
    with suppress(ArgumentError, ValueError):
        url = make_url(address.strip())
        found += [str(url.password or ""), *(str(url.query.get(name, "")) for name in _QUERY if url.query)]
    with suppress(ValueError):
        password = urlsplit(address.strip()).password or ""
        found += [password, unquote(password)]
    return [password for password in found if password]


_QUERY = ("password", "sslpassword", "secret", "token", "access_token")
"""Names of parameters that hold a secret."""


def check_secrets(assignments: Iterable[str]) -> None:
    """Raises ``UsageProblem`` for a setting that is a secret, or an address with a password in it."""
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        secret = any(part in name.upper() for part in SECRET_NAMES) and name not in PLAIN_NAMES
        if secret or holds_password(name, value):
            raise UsageProblem(
                f"refusing -s {name} on the command line, where other users can read it; "
                "set it in the environment"
            )


def check_tokens() -> None:
    """Raises ``ConfigProblem`` without a token."""
    TokenSource.from_environment(os.environ)


def check_values_hold_none(values: Mapping[str, str], secrets: list[str]) -> None:
    """Raises ``UsageProblem`` for a value that holds a secret; the message does not repeat it."""
    for name, value in values.items():
        if any(secret in value for secret in secrets):
            raise UsageProblem(f"{name!r} holds a secret of this environment; jobs and logs would show it")
