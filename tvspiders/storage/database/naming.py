"""How a database is named in messages: so that a person finds it, and never with its password."""

from __future__ import annotations

from sqlalchemy.engine import URL


def database_name(url: URL) -> str:
    """The path of a SQLite file; name and server of another database."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    given = url.query.get("host", "")
    host = url.host or (given if isinstance(given, str) else ",".join(given)) or "this computer"
    port = f":{url.port}" if url.port and url.host else ""
    return f"{url.database or url.username or '(no name)'} on {host}{port}"
