"""Sites without sockets, shared by the tests that only look."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tvspiders.sandbox.api.answers import Answer
from tvspiders.sandbox.api.endpoints.search import question
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.api.site import Site
from tvspiders.sandbox.config import SandboxConfig


class Api:
    """Asks a site without a socket."""

    def __init__(self, **switches: Any) -> None:
        self.site = Site(SandboxConfig(**switches))
        self.catalogue = self.site.catalogue

    def answer(self, target: str, *, day: int = 0, ordinal: int = 0) -> Answer:
        ask = Ask.read(target)
        ask.day, ask.ordinal, ask.base = day, ordinal, "http://here"
        return self.site.answer(ask)

    def get(self, target: str, *, day: int = 0, ordinal: int = 0) -> Any:
        answer = self.answer(target, day=day, ordinal=ordinal)
        assert answer.status == 200, (target, answer.body)
        return json.loads(answer.body)

    def ids(self, target: str) -> list[int]:
        """Ids of all hits of a search, without the pages."""
        ask = Ask.read(target)
        return list(self.site.finder.things(question(ask.query, "".join(ask.segments[1:])), 0))

    def walk(self, target: str, **query: Any) -> list[Any]:
        """Every row of a list, page after page, until a page past the last one."""
        rows: list[Any] = []
        for page in range(1, 500):
            extra = "&".join(f"{name}={value}" for name, value in {**query, "page": page}.items())
            found = self.get(f"{target}{'&' if '?' in target else '?'}{extra}")
            found = found["hits"] if isinstance(found, dict) else found
            if not found:
                return rows
            rows += found
        raise AssertionError("no end")


@cache
def api_of(**switches: Any) -> Api:
    """One for each set of switches: they have no state."""
    return Api(**switches)
