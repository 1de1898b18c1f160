"""What a proxy is, how long it rests, and when waiting for routes makes no sense any more."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakSet

from tvspiders.policies.security.proxy_address import Route

WASTE = 3
"""Requests that a blocked proxy may cost before it is left alone for an hour."""
LONGEST = 3600.0
"""Seconds of that."""
TRIES = 3
"""Exits that must fail in the same hopeless way before the crawl gives up at once."""
HOPELESS = {
    "refused": "unreachable",
    "dns": "unreachable",
    "tunnel-407": "login",
    "status-407": "login",
    "certificate": "certificate",
}
"""Failures that waiting does not mend, at a proxy that never worked: how the crawl ends."""
UNPROVEN = 5
"""Patience is so many times shorter with proxies that never worked in this run."""
CUT = ("connection", "truncated")
"""The connection to the API itself ended early: a proxy that had worked until then gets another chance."""
UNREACHABLE = ("refused", "dns")
"""No connection: no request was wasted, and the proxy may come back soon."""


@dataclass(eq=False, repr=False)
class ProxyRoute(Route):
    """A route through a proxy, with what is known of the proxy's health."""

    token: str = ""
    """Label of the token that it serves, where it serves only one."""
    born: float = 0.0
    taken: float = 0.0
    """When it was last given to a request."""
    flying: WeakSet[Any] = field(default_factory=WeakSet)
    """Requests that have it; one that is lost on its way, with whatever went wrong, gives its place back."""
    wasted: int = 0
    """Failures since its last answer."""
    rested: int = 0
    """Rests since then."""
    missed: int = 0
    """Failed connections in a row."""
    rests_until: float = 0.0
    proven: bool = False
    """Whether its last request was answered."""

    @property
    def room(self) -> bool:
        """Whether it may take one more: should all under way fail, ``WASTE`` leaves room for one more try."""
        return len(self.flying) < (WASTE - 1 if self.proven else 1)

    def answered(self) -> None:
        """Note an answer of the API."""
        self.wasted = self.rested = self.missed = 0
        self.proven = True


class Cooldowns:
    """How long a proxy rests: each time four times as long, and an hour after ``WASTE`` failures.

    >>> rests, route = Cooldowns(60, jitter=max), ProxyRoute("exit-1", None)
    >>> [rests.of(route, "timeout") for _ in range(3)]
    [60.0, 240.0, 3600.0]
    """

    def __init__(self, base: float, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self.base = base
        self._jitter = jitter

    def short(self, missed: int) -> float:
        """Seconds, after so many failed connections in a row."""
        return self._spread(min(self.base, self.base / 10 * 2.0 ** min(missed - 1, 30)))

    def of(self, route: ProxyRoute, reason: str) -> float:
        """Count a failure, and say how long the proxy rests for it: not at all, or seconds."""
        worked, route.proven = route.proven, False
        if reason in UNREACHABLE:
            route.missed += 1
            return self.short(route.missed)
        route.wasted += 1
        if worked and reason in CUT:
            return 0.0
        route.rested += 1
        if route.wasted >= WASTE or reason == "certificate":
            return max(LONGEST, self.base)  # the longest is not shortened by chance
        return self._spread(self.base * 4.0 ** (route.rested - 1))

    def _spread(self, full: float) -> float:
        return float(self._jitter(full * 0.75, full))


class OutageDetector:
    """Since when nothing has come through any proxy, and what to do about it.

    >>> trouble = OutageDetector(patience=600)
    >>> trouble.failed(now=0.0, label="a", reason="timeout")
    >>> trouble.verdict(now=10.0, next_try=70.0, routes=1) is None
    True
    >>> trouble.verdict(now=70.0, next_try=240.0, routes=1)
    'proxies'
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since: float | None = None
        self._ever = False
        self._row: list[str | None] = []
        self._seen: set[str] = set()

    def failed(self, now: float, label: str, reason: str) -> None:
        """Note that a proxy let nothing through."""
        if self._since is None:
            self._since = now
        if not self._ever:
            self._row = [*self._row[1 - max(TRIES, len(self._seen)) :], HOPELESS.get(reason)]
            self._seen.add(label)

    def answered(self) -> None:
        """Note an answer."""
        self._since = None
        self._ever = True

    def verdict(self, now: float, next_try: float, routes: int | None) -> str | None:
        """Why to give up, ``None`` to go on; ``next_try`` is when a proxy may be asked again.

        ``routes`` is how many there are, ``None`` for as many as one likes.
        """
        if self._since is None:
            return None
        kinds = set(self._row)
        tried = len(self._row) >= TRIES if routes is None else len(self._seen) >= routes
        if not self._ever and tried and len(kinds) == 1 and None not in kinds:
            return f"proxy_{kinds.pop()}"
        patience = self._patience if self._ever else self._patience / UNPROVEN
        return "proxies" if next_try > now and next_try - self._since > patience else None


class ProxyRoutes(Protocol):
    """Where requests may leave; moments are those of the clock that was injected."""

    def take(self, token: str, request: object) -> ProxyRoute | None:
        """A proxy for a request with this token, ``None`` when none is free now."""

    def release(self, route: ProxyRoute, request: object) -> None:
        """The request came to its end, and what is to be said about the proxy was said."""

    def answered(self, route: ProxyRoute) -> None:
        """The API answered through it."""

    def failed(self, route: ProxyRoute, reason: str) -> float:
        """Nothing came through it; returns the seconds for which it rests."""

    def wait(self) -> float:
        """Seconds until a proxy may be asked; 0 unless all rest."""

    def verdict(self) -> str | None:
        """Why to give up, ``None`` to go on."""

    @property
    def doubtful(self) -> bool:
        """Whether lately nothing came through at all, so that no single request can be to blame."""
