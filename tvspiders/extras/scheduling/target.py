"""Address and credentials of Scrapyd: from the environment, or the deploy target in ``scrapy.cfg``."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from configparser import BasicInterpolation, ConfigParser, Error
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from tvspiders.errors import ConfigProblem

PROJECT = "tvspiders"
SOCKET = "http+unix"
LOOPBACK = ("localhost", "::1")
ACCEPTED = "accepted are https://HOST, http:// on this computer, and http+unix://%2Fpath%2Fof%2Fsocket"


class _Variables(BasicInterpolation):
    """Variables in values, as ``scrapyd-deploy`` reads them."""

    def before_get(self, parser: Any, section: str, option: str, value: str, defaults: Any) -> str:
        return os.path.expandvars(super().before_get(parser, section, option, value, defaults))


@dataclass(frozen=True)
class Target:
    """One Scrapyd and one project on it."""

    url: str
    project: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def socket(self) -> str | None:
        """Path of a Unix socket, ``None`` for a port."""
        parts = urlsplit(self.url)
        return unquote(parts.netloc) if parts.scheme == SOCKET else None

    @property
    def base(self) -> str:
        """Base address of Scrapyd's services, with a trailing slash."""
        url = f"http://scrapyd{urlsplit(self.url).path}" if self.socket else self.url
        return url.rstrip("/") + "/"


def find_target(name: str, files: list[str], environ: Mapping[str, str]) -> Target:
    """``SCRAPYD_URL``, ``SCRAPYD_USERNAME`` and ``SCRAPYD_PASSWORD``, each else from ``[deploy:name]``.

    Raises ``ConfigProblem`` without an address, for one that is not accepted, and for a password that
    would travel in the clear.
    """
    section = _section(name, files)
    url = environ.get("SCRAPYD_URL", "").strip() or section.get("url", "")
    if not url:
        raise ConfigProblem(
            f"no Scrapyd is known: set SCRAPYD_URL, or put [deploy:{name}] with a url into scrapy.cfg"
        )
    username = environ.get("SCRAPYD_USERNAME") or section.get("username", "")
    password = environ.get("SCRAPYD_PASSWORD") or section.get("password", "")
    target = Target(url, section.get("project", PROJECT), username, password)
    _check(target)
    return target


def _section(name: str, files: list[str]) -> dict[str, str]:
    """Values of the section; a variable that is not set counts as no value."""
    config = ConfigParser(interpolation=_Variables())
    try:
        config.read(files)
        base = dict(config.items("deploy")) if config.has_section("deploy") else {}
        own = dict(config.items(f"deploy:{name}")) if config.has_section(f"deploy:{name}") else {}
    except Error as error:
        raise ConfigProblem(f"scrapy.cfg cannot be read: {' '.join(str(error).split())}") from None
    if own == {} and name != "local" and not (name == "default" and base):
        raise ConfigProblem(f"scrapy.cfg has no section [deploy:{name}]")
    values = base | own
    return {key: value for key, value in values.items() if value and not value.startswith("$")}


def _check(target: Target) -> None:
    try:
        parts = urlsplit(target.url)
        host, _ = parts.hostname or "", None if parts.scheme == SOCKET else parts.port
    except ValueError:
        raise ConfigProblem(f"the address of Scrapyd is not a web address; {ACCEPTED}") from None
    if parts.username or parts.password:
        raise ConfigProblem(
            "the address of Scrapyd must not hold a user name or password; "
            "put them into SCRAPYD_USERNAME and SCRAPYD_PASSWORD"
        )
    if parts.scheme not in ("http", "https", SOCKET) or not host or parts.query or parts.fragment:
        raise ConfigProblem(f"the address of Scrapyd is not accepted; {ACCEPTED}")
    local = host in LOOPBACK or (host.startswith("127.") and host.replace(".", "").isdigit())
    if parts.scheme == "http" and not local and target.password:
        raise ConfigProblem(f"Scrapyd's password would travel to {host} in the clear; {ACCEPTED}")
