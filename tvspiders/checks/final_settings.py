"""Check a crawler's settings, as the command line, the spider and add-ons leave them."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from tvspiders.checks.own_settings import check_names, check_own_settings
from tvspiders.checks.scrapy_settings import check_scrapy_settings
from tvspiders.checks.secret_values import check_secrets
from tvspiders.checks.writable import check_writable
from tvspiders.errors import ConfigProblem, UsageProblem
from tvspiders.policies.security.origin import Origin

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def check_settings(settings: BaseSettings, from_command_line: list[str]) -> None:
    """Raises ``UsageProblem`` for a secret on the command line and for a setting that is misspelt or wrong.

    Raises ``ConfigProblem`` for a wrong address of the API, and for a file that cannot be written.
    """
    check_secrets(from_command_line)
    check_names(assignment.partition("=")[0] for assignment in from_command_line)
    check_final_settings(settings)
    if settings["LOG_FILE"]:
        log = Path(str(settings["LOG_FILE"]))
        if not log.parent.is_dir():
            raise ConfigProblem(f"log {log} cannot be written: the folder {log.parent} does not exist")
        check_writable("log", log)


def check_final_settings(settings: BaseSettings) -> None:
    """Raises ``UsageProblem`` for a setting that is misspelt, wrong or not accepted.

    Raises ``ConfigProblem`` for a wrong address of the API, and for a file that cannot be written.
    """
    check_own_settings(settings)
    if settings["TWISTED_REACTOR"] != REACTOR or not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise UsageProblem(
            f"the ledger works in asyncio: TWISTED_REACTOR must be {REACTOR}, "
            "and TWISTED_REACTOR_ENABLED True"
        )
    check_scrapy_settings(settings)
    check_origin("THINGIVERSE_API_URL", str(settings["THINGIVERSE_API_URL"]))
    if settings["TV_HEALTH_FILE"]:
        check_writable("health file", Path(str(settings["TV_HEALTH_FILE"])))
    if settings["TV_METRICS_DIR"]:
        _check_metrics(Path(str(settings["TV_METRICS_DIR"])))


def check_origin(name: str, url: str) -> None:
    """Raises ``ConfigProblem`` unless the address is https, or http on this computer."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts = None
    if parts is None or not url.isascii() or any(sign <= " " for sign in url):
        raise ConfigProblem(f"{name} is not a web address; accepted is https://HOST")
    local = Origin(parts.scheme, host, port or 80).is_loopback
    if parts.username or parts.password:
        raise ConfigProblem(f"{name} must not hold a user name or password")
    if (
        not host
        or "?" in url
        or "#" in url
        or not (parts.scheme == "https" or (parts.scheme == "http" and local))
    ):
        shown = f"{parts.scheme}://{host}" if host else "what it holds"
        raise ConfigProblem(
            f"{name}: {shown} is not accepted; it takes https://HOST, or http:// on this computer"
        )


def _check_metrics(folder: Path) -> None:
    if find_spec("prometheus_client") is None:
        raise ConfigProblem("TV_METRICS_DIR needs the package prometheus-client; install it")
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise ConfigProblem(f"TV_METRICS_DIR: {folder} is not a folder that can be written; make it first")
