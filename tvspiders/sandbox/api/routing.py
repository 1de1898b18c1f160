"""Route a path to its endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from tvspiders.sandbox.api.answers import Answer


@dataclass(slots=True)
class Ask:
    """One request, as far as an endpoint needs to know it."""

    method: str
    path: str
    """As sent, still encoded, without the query."""
    segments: list[str]
    """Decoded once; an encoded slash does not separate."""
    query: dict[str, str]
    day: int = 0
    token: str = ""
    ordinal: int = 0
    base: str = ""
    """Scheme, host and port, for the Link header."""
    form: dict[str, str] = field(default_factory=dict)
    """The body, where it was a form."""
    read_only: bool = False
    """Whether the token is one that may only read."""

    @classmethod
    def read(cls, target: str, *, method: str = "GET") -> Ask:
        """Read a request target; an absolute one (sent to a proxy) loses its host."""
        if "://" in target[:8]:
            target = "/" + target.split("://", 1)[1].partition("/")[2]
        path, _, query = target.partition("?")
        segments = [unquote(segment) for segment in path.split("/")[1:]]
        if segments and not segments[-1]:
            segments.pop()
        return cls(method, path, segments, dict(parse_qsl(query, keep_blank_values=True)))


Handler = Callable[..., Answer]


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    handlers: dict[str, Handler] = field(default_factory=dict)


class Router:
    """A tree of path segments; ``{name}`` takes any one segment and passes it on.

    A fixed segment wins over a variable one, so ``/users/me`` can stand beside
    ``/users/{name}``.
    """

    def __init__(self) -> None:
        self._root = _Node()
        self.patterns: list[tuple[str, str]] = []

    def add(self, pattern: str, handler: Handler, *, method: str = "GET") -> None:
        """Let a handler answer a pattern."""
        node = self._root
        for segment in pattern.strip("/").split("/"):
            if segment.startswith("{"):
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.fixed.setdefault(segment, _Node())
        node.handlers[method] = handler
        self.patterns.append((method, pattern))

    def find(self, method: str, segments: list[str]) -> tuple[Handler, list[str]] | None:
        """The handler of a path and the segments its variables took."""
        return self._find(self._root, method, segments, 0)

    def _find(
        self, node: _Node, method: str, segments: list[str], depth: int
    ) -> tuple[Handler, list[str]] | None:
        if depth == len(segments):
            handler = node.handlers.get(method)
            return (handler, []) if handler else None
        following = node.fixed.get(segments[depth])
        found = self._find(following, method, segments, depth + 1) if following else None
        if found or node.variable is None:
            return found
        found = self._find(node.variable, method, segments, depth + 1)
        return (found[0], [segments[depth], *found[1]]) if found else None
