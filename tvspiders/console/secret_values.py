"""Find the secrets of this process's environment in what is about to be shown to others."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from tvspiders.errors import ConfigProblem, StorageProblem, UsageProblem
from tvspiders.policies.tokens import TokenSource
from tvspiders.storage.database_url import parse_url, secrets_in

PARTS = ("TOKEN", "SECRET", "PASSWORD")
"""What the names of secret variables hold."""
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
        found += secrets_in(parse_url(environ.get("DATABASE_URL", "")))
    with suppress(ArgumentError):
        found.append(str(make_url(environ.get("THINGIVERSE_PROXY", "")).password or ""))
    return [secret for secret in found if len(secret) >= SHORTEST]


def check_values_hold_none(values: Mapping[str, str], secrets: list[str]) -> None:
    """Raises ``UsageProblem`` for a value that holds a secret; the message does not repeat it."""
    for name, value in values.items():
        if any(secret in value for secret in secrets):
            raise UsageProblem(f"{name!r} holds a secret of this environment; jobs and logs would show it")
