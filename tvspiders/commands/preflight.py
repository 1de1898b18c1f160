"""Checks before a crawl: whatever is wrong is said in one line, before any request is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from scrapy import Spider
from scrapy.settings import BaseSettings
from w3lib.url import any_to_uri, file_uri_to_path

from tvspiders.errors import ConfigProblem, UsageProblem
from tvspiders.params import explain

SECRET_NAMES = ("TOKEN", "SECRET", "PASSWORD", "PROXY")
"""Names with one of these parts are not taken from the command line, where others can read them."""
LOOPBACK = ("localhost", "::1")


def check_arguments(spider: type[Spider], given: Mapping[str, Any]) -> None:
    """Raises ``UsageProblem`` for a misspelt, missing or wrong spider argument."""
    for name in given:
        if any(part in name.upper() for part in SECRET_NAMES):
            raise UsageProblem(
                f"{name!r} is not taken as an argument, others could read it; use the environment"
            )
    model = argument_model(spider)
    if model is None:
        return
    try:
        model(**given)
    except ValidationError as error:
        accepted = ", ".join(model.model_fields)
        raise UsageProblem(
            f"spider {spider.name}: {explain(error)}; accepted arguments: {accepted}"
        ) from None


def argument_model(spider: type[Spider]) -> type[BaseModel] | None:
    """The model of a spider's arguments, ``None`` for a spider without one."""
    for parent in spider.__mro__:
        for base in getattr(parent, "__orig_bases__", ()):
            for argument in getattr(base, "__args__", ()):
                if isinstance(argument, type) and issubclass(argument, BaseModel):
                    return argument
    return None


def check_settings(settings: BaseSettings, from_command_line: list[str]) -> None:
    """Raises ``UsageProblem`` for a secret on the command line, ``ConfigProblem`` for a wrong API address."""
    for assignment in from_command_line:
        name = assignment.partition("=")[0]
        if any(part in name.upper() for part in SECRET_NAMES) and name != "TV_PROXY_MODE":
            if name in ("TV_PROXY_COUNTRY", "HTTPPROXY_ENABLED", "HTTPPROXY_AUTH_ENCODING"):
                continue
            raise UsageProblem(
                f"{name} is not taken with -s, others could read it; put it into the environment instead"
            )
    check_origin("THINGIVERSE_API_URL", str(settings["THINGIVERSE_API_URL"]))


def check_origin(name: str, url: str) -> None:
    """Raises ``ConfigProblem`` unless the address is https, or http on this computer."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigProblem(f"{name} is not a web address; accepted is https://HOST") from None
    local = host in LOOPBACK or (host.startswith("127.") and host.replace(".", "").isdigit())
    if parts.username or parts.password:
        raise ConfigProblem(f"{name} must not hold a user name or password")
    if (
        not host
        or parts.query
        or parts.fragment
        or not (parts.scheme == "https" or (parts.scheme == "http" and local))
    ):
        shown = f"{parts.scheme}://{host}" if host else "what it holds"
        raise ConfigProblem(
            f"{name}: {shown} is not accepted; it takes https://HOST, or http:// on this computer"
        )


def check_feeds(settings: BaseSettings) -> None:
    """Raises ``ConfigProblem`` when a local feed file cannot be written."""
    for uri in settings.getdict("FEEDS"):
        parts = urlsplit(any_to_uri(str(uri)))
        if parts.scheme != "file":
            continue
        path = Path(file_uri_to_path(any_to_uri(str(uri))))
        if "%(" in str(path):
            continue
        folder = next(parent for parent in path.parents if parent.exists())
        if path.is_dir():
            raise ConfigProblem(f"feed {path} is a folder; name a file")
        if not folder.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
            raise ConfigProblem(f"feed {path} cannot be written; name a file in a folder of yours")
