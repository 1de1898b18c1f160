"""The only origin that tokens may be sent to: one scheme, host and port."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tvspiders.errors import ConfigProblem, ForeignOrigin

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of the API.

    >>> Origin.parse("https://API.thingiverse.com:443/things/1")
    Origin(scheme='https', host='api.thingiverse.com', port=443)
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Origin:
        """Read the origin of a URL.

        Raises:
            ForeignOrigin: for a URL with user information, without a host, with another
                scheme than http or https, or with characters that parsers read differently.

        """
        if any(char in url for char in "\\\t\r\n") or not url.isascii():
            raise ForeignOrigin("a URL with characters that do not belong there was not requested")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ForeignOrigin("a URL that cannot be read was not requested") from None
        if "@" in parts.netloc:
            raise ForeignOrigin("a URL with a user name in it was not requested")
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ForeignOrigin("a URL without http(s) and a host was not requested")
        return cls(parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme])

    @classmethod
    def of_api(cls, url: str) -> Origin:
        """Read the API's origin from ``THINGIVERSE_API_URL``.

        Raises:
            ConfigProblem: unless it is https, or http to this computer.

        """
        try:
            origin = cls.parse(url)
        except ForeignOrigin:
            raise ConfigProblem(
                "THINGIVERSE_API_URL must be an https URL without a user name, like https://api.thingiverse.com"
            ) from None
        if origin.scheme == "http" and not origin.is_loopback:
            raise ConfigProblem(
                "THINGIVERSE_API_URL must begin with https:// (http:// only for this machine)"
            )
        return origin

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this computer."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def require(self, url: str) -> None:
        """Accept only URLs of this origin.

        Raises:
            ForeignOrigin: for any other; the message names only scheme, host and port.

        """
        other = Origin.parse(url)
        if other != self:
            raise ForeignOrigin(f"a request to {other} was not sent: the API is {self}")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"
