"""A plain HTTP client for the tests that need a socket."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit


class Reply:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


def fetch(
    url: str,
    target: str,
    *,
    token: str | None = "t",
    method: str = "GET",
    timeout: float = 60,
    form: dict[str, str] | None = None,
    **headers: str,
) -> Reply:
    """One request on a connection of its own; header names with ``_`` for ``-``."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    try:
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, target, urlencode(form) if form is not None else None, headers=sent)
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()
