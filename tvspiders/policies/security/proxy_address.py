"""Addresses of proxies, read from the environment and never printed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tvspiders.errors import ConfigProblem
from tvspiders.policies.security.tokens import check_private

SESSION, COUNTRY = "{session}", "{country}"
NAMES = ("THINGIVERSE_PROXY", "THINGIVERSE_PROXY_FILE")
ACCEPTED = "it takes http://USER:PASSWORD@HOST:PORT, special characters percent-encoded"
_PLACE = re.compile(r"\{[a-z_]+\}")


class ProxyAddress:
    """One proxy with its credentials, which only :meth:`authorization` returns.

    >>> ProxyAddress.parse("http://user:secret@gate.example:9000")
    ProxyAddress(gate.example:9000)
    """

    __slots__ = ("_password", "_user", "host", "port")

    def __init__(self, host: str, port: int, user: str | None = None, password: str = "") -> None:
        self.host = host
        self.port = port
        self._user = user
        self._password = password

    @classmethod
    def parse(cls, url: str) -> ProxyAddress:
        """Read a URL; one without a scheme counts as http.

        Raises:
            ConfigProblem: for another scheme (TLS to the proxy itself and SOCKS are not
                supported), without a host, or with anything after the port.

        """
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ConfigProblem(f"a proxy's address cannot be read; {ACCEPTED}") from None
        if parts.scheme != "http":
            raise ConfigProblem(f"a proxy with {parts.scheme}:// is not supported; {ACCEPTED}")
        if not host or not host.isascii() or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ConfigProblem(f"a proxy's address is not complete, or says too much; {ACCEPTED}")
        user = unquote(parts.username) if parts.username is not None else None
        if user is not None and (":" in user or not user):
            raise ConfigProblem(f"a proxy's user name is empty or holds a colon; {ACCEPTED}")
        return cls(host, port or 80, user, unquote(parts.password or ""))

    def authorization(self) -> bytes | None:
        """Value of ``Proxy-Authorization``, for the one place that sends it."""
        if self._user is None:
            return None
        return b"Basic " + base64.b64encode(f"{self._user}:{self._password}".encode())

    def secrets(self) -> Iterator[str]:
        """The secrets that logs must mask, but for :meth:`names`."""
        if self._user is not None:
            yield from (self._password, f"{self._user}:{self._password}")

    def names(self) -> Iterator[str]:
        """User names: masked as whole words only, since they may be ordinary words."""
        if self._user is not None:
            yield self._user

    def __str__(self) -> str:
        """Host and port, which are no secret."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"ProxyAddress({self})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a proxy's address is never stored")


@dataclass(eq=False)
class Route:
    """How a request gets to the API: through a proxy, or directly. Never logged as a whole."""

    label: str
    """Anonymous name, for logs and statistics."""
    address: ProxyAddress | None
    """``None`` goes directly."""
    once: bool = False
    """For one request only, with a connection of its own."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.label})"


DIRECT = Route("direct", None)
"""No proxy at all."""


class Gateway:
    """One host and port with many sessions; the user name says which.

    >>> gateway = Gateway("http://user-country-{country}-session-{session}:secret@gate.example:9000")
    >>> gateway
    Gateway(gate.example:9000)
    >>> gateway.has_country
    True
    """

    __slots__ = ("_template", "address")

    def __init__(self, template: str) -> None:
        """Raises ``ConfigProblem`` when the address cannot be read, or has another placeholder."""
        self._template = template
        credentials, _, place = template.rpartition("@")
        if SESSION not in credentials or SESSION in place:
            raise ConfigProblem("{session} belongs into the gateway's user name or password")
        user = credentials.rpartition("://")[2].partition(":")[0]
        unknown = [found for found in _PLACE.findall(user + place) if found not in (SESSION, COUNTRY)]
        if unknown:
            raise ConfigProblem(f"the gateway's address has {unknown[0]}; there are {SESSION} and {COUNTRY}")
        self.address = self.session("0", "xx")
        """Where the gateway listens; its session is invented."""

    @property
    def has_country(self) -> bool:
        """Whether the address has a placeholder for a country."""
        return COUNTRY in self._template

    def session(self, name: str, country: str | None) -> ProxyAddress:
        """The address of one session."""
        url = self._template.replace(SESSION, name)
        return ProxyAddress.parse(url.replace(COUNTRY, country) if country is not None else url)

    def secrets(self) -> Iterator[str]:
        """The fixed parts of user name and password; between them are session and country."""
        credentials = self._template.rpartition("@")[0].rpartition("://")[2]
        user, _, password = credentials.partition(":")
        for text in (unquote(user), unquote(password)):
            yield from (part for part in re.split(r"\{session\}|\{country\}", text) if part)

    def __repr__(self) -> str:
        return f"Gateway({self.address})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a gateway's address is never stored")


@dataclass(frozen=True)
class Proxies:
    """The proxies that the environment names: a gateway, or a list."""

    gateway: Gateway | None = None
    addresses: tuple[ProxyAddress, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Proxies | None:
        """Read ``THINGIVERSE_PROXY`` and ``THINGIVERSE_PROXY_FILE``; ``None`` when neither is set.

        Raises:
            ConfigProblem: for addresses that cannot be used, without printing them.

        """
        texts = texts_of(environ)
        if not texts:
            return None
        gateways = [text for text in texts if SESSION in text]
        if gateways:
            if len(texts) > 1:
                raise ConfigProblem("THINGIVERSE_PROXY takes one gateway with {session}, or a list without")
            return cls(gateway=Gateway(gateways[0]))
        if any(COUNTRY in text for text in texts):
            raise ConfigProblem("THINGIVERSE_PROXY has {country} but no {session}; only gateways have both")
        return cls(addresses=tuple(ProxyAddress.parse(text) for text in dict.fromkeys(texts)))

    @property
    def endpoints(self) -> tuple[ProxyAddress, ...]:
        """Where connections are opened to: one address for each host and port."""
        addresses = (self.gateway.address,) if self.gateway else self.addresses
        return tuple({str(address): address for address in addresses}.values())

    def secrets(self) -> Iterator[str]:
        """The secrets that logs must mask."""
        for holder in (self.gateway,) if self.gateway else self.addresses:
            yield from holder.secrets()

    def names(self) -> Iterator[str]:
        """User names, which may be ordinary words."""
        for address in self.addresses:
            yield from address.names()


def texts_of(environ: Mapping[str, str]) -> list[str]:
    """The addresses as given: in the variable, and in the file that the other one names.

    Raises ``ConfigProblem`` for a file that cannot be read, is empty, or is open to others.
    """
    texts = [part for part in re.split(r"[,\s]+", environ.get(NAMES[0], "")) if part]
    name = environ.get(NAMES[1], "").strip()
    if name:
        lines = _lines(Path(name).expanduser())
        if not lines and not texts:
            raise ConfigProblem("the file that THINGIVERSE_PROXY_FILE names is empty")
        texts += lines
    return texts


def secrets_of_address(text: str) -> Iterator[str]:
    """The secrets of one address, even if it cannot be used."""
    try:
        yield from (Gateway(text) if SESSION in text else ProxyAddress.parse(text)).secrets()
    except ConfigProblem:
        login = text.rpartition("@")[0].rpartition("://")[2]
        yield from (unquote(login.partition(":")[2]), login.partition(":")[2])


def _lines(file: Path) -> list[str]:
    check_private(file, NAMES[1])
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigProblem(f"THINGIVERSE_PROXY_FILE cannot be read: {type(error).__name__}") from None
    # only a whole line is a comment: text after an address is a mistake that must be reported
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
