"""A sandbox that echoes secrets, in every spelling and everywhere; and a search for them in what is left."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.support.crawling import TOKEN
from tests.support.secret_forms import leaks, spellings
from tvspiders.api.headers import KEPT
from tvspiders.sandbox import server
from tvspiders.sandbox.api.answers import Answer
from tvspiders.storage.answer_codec import unpack

SECRETS = {
    "token": TOKEN,
    "proxy": "pr0xy/pass+word=1",
    "app": "app-secret+0f/the~tests",
    "splash": "spl4sh-pass/word+",
    "database": "d4tabase/pass+word",
}
ENVIRONMENT = {
    "THINGIVERSE_PROXY": "http://somebody:pr0xy%2Fpass%2Bword%3D1@proxy.invalid:8080",
    "TV_PROXY_MODE": "off",
    "THINGIVERSE_CLIENT_ID": "4322",
    "THINGIVERSE_CLIENT_SECRET": SECRETS["app"],
    "SPLASH_URL": "http://me:spl4sh-pass%2Fword%2B@127.0.0.1:8050",
    "OTHER_DATABASE_URL": "postgresql://u:d4tabase%2Fpass%2Bword@127.0.0.1/x",
}
STATUSES = (200, 200, 200, 200, 200, 200, 302, 400, 401, 403, 404, 410, 429, 500, 502, 503)
"""What is answered in turn where faults are wished: the statuses of ``docs/quota.md``, mostly good ones."""
_MARK = "@@{}@@"
_COMMANDS = "\\u001b[2J\\u009b31m\\r\\n\\u202e\\u001b]8;;http://x\\u0007"
"""What a terminal obeys, as JSON escapes it: behind each text that is echoed."""


class Echo:
    """What the sandbox echoes next, and what it has echoed so far."""

    def __init__(self, statuses: tuple[int, ...] = (200,)) -> None:
        self.statuses = statuses
        self.sent: set[tuple[str, str, str]] = set()
        """Place, spelling and secret."""
        self._turn = count()
        self._answers = count()
        self._ways = [*product(SECRETS, spellings(TOKEN))]
        self._marks: dict[str, str] = {}

    def next(self, place: str) -> str:
        """The next secret in the next spelling."""
        secret, spelling = self._ways[next(self._turn) * 7 % len(self._ways)]
        self.sent.add((place, spelling, secret))
        return spellings(SECRETS[secret])[spelling]

    def answer(self, path: str, given: Answer) -> tuple[Answer, str]:
        """The answer with echoes in texts and headers, and the words of its status line."""
        status = given.status
        if status == 200:
            status = self.statuses[next(self._answers) % len(self.statuses)]
        kind = path.strip("/").split("/")[0] + str(path.count("/"))
        body = given.body
        if status != given.status:
            body = json.dumps({"error": self._mark(f"error {status}")}).encode()
        elif body[:1] in (b"{", b"["):
            body = json.dumps(self._texts(json.loads(body), kind)).encode()
        for mark, text in self._marks.items():  # raw: what is an escape there is decoded later
            body = body.replace(mark.encode(), text.encode())
        self._marks.clear()
        headers = dict(given.headers)
        for name in KEPT:
            if name not in ("Content-Type", "Link", "Date") or name not in headers:
                headers.setdefault(name, self.next(name))
        hidden = self.next("Link")
        link = f'<https://h.invalid/{hidden}?page=2&access_token={hidden}>; rel="preload"'
        headers["Link"] = ", ".join(filter(None, (given.headers.get("Link"), link)))
        headers["X-Error"], headers["ETag"] = self.next(f"X-Error {status}"), self.next("ETag")
        if status == 302:
            headers["Location"] = f"https://h.invalid/{self.next('Location')}"
        if status == 429:
            headers["Retry-After"] = "0"
        kind_of_body = f"application/json; charset=utf-8; x={self.next('Content-Type')}"
        return Answer(status, body, headers, kind_of_body), self.next(f"reason {status}")

    def _mark(self, place: str) -> str:
        mark = _MARK.format(len(self._marks))
        self._marks[mark] = self.next(place) + _COMMANDS
        return mark

    def _texts(self, value: Any, place: str) -> Any:
        if isinstance(value, dict):
            return {name: self._texts(part, f"{place}.{name}") for name, part in value.items()}
        if isinstance(value, list):
            return [self._texts(part, place) for part in value]
        if not isinstance(value, str) or value[:4].isdigit():  # a date would be none any more
            return value
        separator = "/" if value.startswith("http") else " "
        return f"{value}{separator}{self._mark(place)}" if value else value


@contextmanager
def echoing(monkeypatch: pytest.MonkeyPatch, echo: Echo) -> Iterator[Echo]:
    """Let every sandbox of this process echo."""
    respond = server._response

    def answered(request: web.BaseRequest, answer: Answer) -> web.Response:
        changed, reason = echo.answer(request.path, answer)
        response = respond(request, changed)
        response.set_status(changed.status, reason)
        return response

    with monkeypatch.context() as patched:
        patched.setattr(server, "_response", answered)
        yield echo


def found_in(folder: Path, *shown: str) -> dict[str, list[str]]:
    """Where a secret was left: files, free pages of databases included, stored bodies and shown texts."""
    places = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    places |= {f"shown {number}": text.encode() for number, text in enumerate(shown)}
    for path in folder.rglob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            query = "SELECT id, codec, body FROM answers WHERE body IS NOT NULL"
            places |= {f"answer {row[0]}": unpack(row[1], row[2]) for row in connection.execute(query)}
    left = {
        name: [f"{secret}: {spelling}" for secret, text in SECRETS.items() for spelling in leaks(text, data)]
        for name, data in places.items()
    }
    return {name: what for name, what in left.items() if what}
