"""Read ``DATABASE_URL``: which database is meant, in every spelling with one meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from tvspiders.errors import StorageProblem

ACCEPTED = "accepted are sqlite:///FILE and postgresql://USER:PASSWORD@HOST/NAME"
_SCHEME = re.compile(r"([A-Za-z0-9_+]+)://(.*)", re.DOTALL)
_QUOTES = "\"'`"
_HOST = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.%A-Za-z]+)\]|(?P<name>[^:\[\]]*))(?::(?P<port>[0-9]*))?")
_LOGIN = re.compile(r"(?P<login>[^:/?@]*:[^@]*)@(?P<hosts>[^/?]*)")
"""User and password with a ``/``, ``?`` or ``#`` as it is, as far as the only ``@``."""
_ENCODE = (
    "write the signs @ : / ? # & % of a user name, password or value percent-encoded, such as %40 for @ "
    "and %2F for /"
)
_DEBUGGING = b"D"
"""How libpq marks options that are not for users, such as ``replication``."""
_HIDDEN = b"*"
"""How libpq marks options that hold a secret."""


def parse_url(text: str) -> URL:
    """Read a ``DATABASE_URL``; ``postgres://`` and ``postgresql://`` mean psycopg 3.

    The scheme has no case, and quotation marks around it all are taken off.

    Raises ``StorageProblem`` in one line, without the password, for anything else.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        text = text[1:-1].strip()
    elif text[:1] and (text[0] in _QUOTES or text[-1] in _QUOTES):
        raise _refused("a quotation mark stands at one end only")
    parts = _SCHEME.fullmatch(text)
    if parts is None:
        raise StorageProblem(f"DATABASE_URL is not a database URL; {ACCEPTED}")
    scheme, rest = parts[1].lower(), parts[2]
    backend, _, driver = scheme.partition("+")
    if backend in ("postgres", "postgresql"):
        if driver and scheme != "postgresql+psycopg":
            raise StorageProblem(f"DATABASE_URL names the driver {scheme!r}; {ACCEPTED}")
        return _postgresql(rest)
    if scheme in ("sqlite", "sqlite+pysqlite"):
        return _sqlite(rest)
    raise StorageProblem(f"DATABASE_URL names {scheme!r}; {ACCEPTED}")


def secrets_of_url(url: URL) -> list[str]:
    """The secrets in a URL."""
    hidden = {name for name, mark in _libpq().items() if mark == _HIDDEN} if url.query else set()
    values = [url.password, *(value for name, value in url.query.items() if name in hidden)]
    return [str(value) for value in values if value]


def _refused(why: str) -> StorageProblem:
    return StorageProblem(f"DATABASE_URL is not a database URL: {why}; {ACCEPTED}")


def _sqlite(rest: str) -> URL:
    try:
        url = make_url(f"sqlite://{rest}")
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise StorageProblem(f"DATABASE_URL is not a database URL; {ACCEPTED}") from None
    if "?" in rest:
        raise _refused("a SQLite file takes no options after a ?, and a ? in its name is written %3F")
    if url.host or url.username or url.port:
        raise _refused("a SQLite file has no host; it is written with three slashes, or four from the root")
    return url


def _postgresql(rest: str) -> URL:
    login, hosts, tail = _split(rest)
    path, _, query = tail.partition("?")
    if "@" in path:
        raise _refused(_ENCODE)
    options = _options(query, "@" in query)
    user, _, password = login.partition(":")
    names, ports = _places(hosts)
    _check_names(options.get("host", "").split(",") + names)
    url = URL.create(
        "postgresql+psycopg",
        username=options.pop("user", None) or _decoded(user) or None,
        password=options.pop("password", None) or _decoded(password) or None,
        database=options.pop("dbname", None) or _decoded(path[1:]) or None,
    )
    if len(names) == 1 and not names[0].startswith("/") and "host" not in options:
        port = options.pop("port", None) or ports[0]
        if port and not port.isdecimal():
            raise _refused("the port must be a number")
        return url.set(host=names[0] or None, port=int(port) if port else None, query=options)
    # A folder with a socket, or several hosts: as libpq takes them, one list of each.
    if any(names):
        options.setdefault("host", ",".join(names))
    if any(ports):
        options.setdefault("port", ",".join(ports))
    return url.set(query=options)


def _split(rest: str) -> tuple[str, str, str]:
    """User and password, hosts, and what follows them from ``/`` or ``?`` on.

    ``/`` and ``?`` end the hosts; one of them in a password, not percent-encoded, is accepted where
    nothing else can be meant.
    """
    before = re.match("[^/?]*", rest)
    authority = before.group() if before else ""
    login, at, hosts = authority.rpartition("@")
    if not at and "@" in rest and any(_HOST.fullmatch(host) is None for host in hosts.split(",")):
        found = _LOGIN.match(rest)
        if found is not None:
            return found["login"], found["hosts"], rest[found.end() :]
    if any(_HOST.fullmatch(host) is None for host in hosts.split(",")):
        why = "the port must be a number, and an IPv6 address stands in brackets"
        raise _refused(f"{why}; {_ENCODE}" if "@" in rest else why)
    return login, hosts, rest[len(authority) :]


def _places(hosts: str) -> tuple[list[str], list[str]]:
    found = [match for host in hosts.split(",") if (match := _HOST.fullmatch(host))]
    return [match["ipv6"] or _decoded(match["name"]) for match in found], [
        match["port"] or "" for match in found
    ]


def _check_names(hosts: Iterable[str]) -> None:
    for host in hosts:
        try:
            if not host.startswith(("/", "@")):  # a socket in a folder, or one without
                host.encode("idna")
        except UnicodeError:
            raise _refused("the host has a part that is empty, or longer than 63 characters") from None


def _options(query: str, ambiguous: bool) -> dict[str, str]:
    """The options after the ``?``; ``ambiguous`` if they may be part of a password."""
    options: dict[str, str] = {}
    if not query:
        return options
    accepted = sorted(name for name, mark in _libpq().items() if mark != _DEBUGGING)
    for pair in filter(None, query.split("&")):
        name, equals, value = pair.partition("=")
        name = _decoded(name)
        if name not in accepted:
            options[name] = ""
            continue
        if not equals or name in options:
            raise _refused(f"the option {name} is given {'twice' if equals else 'without a value'}")
        # a plus is a plus, as for libpq; between options of the server it can only mean a blank
        options[name] = _decoded(value.replace("+", " ") if name == "options" else value)
    unknown = [name for name in options if name not in accepted]
    if unknown and ambiguous:
        raise _refused(_ENCODE)
    if unknown:
        raise StorageProblem(
            f"DATABASE_URL holds options that are not taken: {', '.join(map(repr, unknown))}; "
            f"accepted are libpq's own: {', '.join(accepted)}"
        )
    if re.sub("[^a-z0-9]", "", options.pop("client_encoding", "utf8").lower()) not in ("utf8", "unicode"):
        raise StorageProblem("DATABASE_URL: client_encoding is always utf8; leave it out")
    return {name: value for name, value in options.items() if value}


def check_driver() -> None:
    """Raises ``StorageProblem`` when the package for PostgreSQL is not installed."""
    try:
        import psycopg  # noqa: F401
    except ModuleNotFoundError:
        raise StorageProblem(
            "DATABASE_URL names PostgreSQL, and the package psycopg is not installed; it comes with: "
            "pip install 'tvspiders[postgresql]'"
        ) from None


def _libpq() -> dict[str, bytes]:
    """The options that the installed libpq knows, and how it marks them."""
    check_driver()
    from psycopg.pq import Conninfo

    return {option.keyword.decode(): option.dispchar for option in Conninfo.get_defaults()}


def _decoded(text: str) -> str:
    """Without percent-encoding; other text stays."""
    try:
        decoded = unquote(text, errors="strict")
        decoded.encode()
    except UnicodeError:
        raise _refused("it holds bytes that are not UTF-8") from None
    if "\0" in decoded:
        raise _refused("it holds the sign %00")
    return decoded


def database_name(url: URL) -> str:
    """A database's name in messages, without a password: the path of a file, else name and server."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    given = url.query.get("host", "")
    host = url.host or (given if isinstance(given, str) else ",".join(given)) or "this computer"
    port = f":{url.port}" if url.port and url.host else ""
    return f"{url.database or url.username or '(no name)'} on {host}{port}"
