"""Health of proxies: cooldowns after failures, and when the crawl should stop waiting for them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakSet

from tvspiders.policies.security.proxy_address import Route

MAX_FAILURES = 3
"""Failed requests after which a proxy cools down for an hour."""
LONG_COOLDOWN_SECONDS = 3600.0
"""The longest cooldown."""
HOPELESS_ROUTES = 3
"""Proxies that must fail in the same hopeless way before the crawl stops at once."""
HOPELESS = {
    "refused": "unreachable",
    "dns": "unreachable",
    "tunnel-407": "login",
    "status-407": "login",
    "certificate": "certificate",
}
"""Failures that waiting does not repair, of proxies that never worked: how the crawl ends."""
UNPROVEN_PATIENCE_FACTOR = 5
"""Patience is so many times shorter with proxies that never worked in this run."""
CUT_CONNECTION = ("connection", "truncated")
"""The connection to the API ended early: a proxy that worked until then is not cooled down."""
UNREACHABLE = ("refused", "dns")
"""No server to connect to: no request was spent, and the proxy may be back soon."""


@dataclass(eq=False, repr=False)
class ProxyRoute(Route):
    """A route through a proxy, with the proxy's health."""

    token: str = ""
    """Label of the token that it serves, where it serves only one."""
    created_at: float = 0.0
    taken_at: float = 0.0
    """When it was last given to a request."""
    in_flight: WeakSet[Any] = field(default_factory=WeakSet)
    """Requests that use it. One that is dropped and collected frees its place."""
    failures: int = 0
    """Failed requests since its last response."""
    cooldowns: int = 0
    """Cooldowns since then."""
    unreachable: int = 0
    """Times in a row that it could not be connected to."""
    cools_until: float = 0.0
    works: bool = False
    """Whether its last request got a response."""

    @property
    def room(self) -> bool:
        """Whether it may take one more: if all in flight fail, ``MAX_FAILURES`` allows one more attempt."""
        return len(self.in_flight) < (MAX_FAILURES - 1 if self.works else 1)

    def answered(self) -> None:
        """Note a response of the API."""
        self.failures = self.cooldowns = self.unreachable = 0
        self.works = True


class Cooldowns:
    """How long a proxy cools down: four times as long each time, an hour after ``MAX_FAILURES``.

    >>> cooldowns, route = Cooldowns(60, jitter=max), ProxyRoute("exit-1", None)
    >>> [cooldowns.after_failure(route, "timeout") for _ in range(3)]
    [60.0, 240.0, 3600.0]
    """

    def __init__(self, base: float, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self.base = base
        self._jitter = jitter

    def after_unreachable(self, times: int) -> float:
        """Seconds, after it could not be connected to so many times in a row."""
        return self._spread(min(self.base, self.base / 10 * 2.0 ** min(times - 1, 30)))

    def after_failure(self, route: ProxyRoute, reason: str) -> float:
        """Count a failure; returns the seconds of the cooldown, 0 for none."""
        worked, route.works = route.works, False
        if reason in UNREACHABLE:
            route.unreachable += 1
            return self.after_unreachable(route.unreachable)
        route.failures += 1
        if worked and reason in CUT_CONNECTION:
            return 0.0
        route.cooldowns += 1
        if route.failures >= MAX_FAILURES or reason == "certificate":
            return max(LONG_COOLDOWN_SECONDS, self.base)  # the longest is not shortened by chance
        return self._spread(self.base * 4.0 ** (route.cooldowns - 1))

    def _spread(self, full: float) -> float:
        return float(self._jitter(full * 0.75, full))


class OutageDetector:
    """Notices that no proxy works, and says when the crawl should stop.

    >>> outage = OutageDetector(patience=600)
    >>> outage.failed(now=0.0, label="a", reason="timeout")
    >>> outage.stop_reason(now=10.0, next_try=70.0, routes=1) is None
    True
    >>> outage.stop_reason(now=70.0, next_try=240.0, routes=1)
    'proxies'
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since: float | None = None
        self._ever_answered = False
        self._failures: list[str | None] = []
        self._failed_routes: set[str] = set()

    def failed(self, now: float, label: str, reason: str) -> None:
        """Note that a proxy failed."""
        if self._since is None:
            self._since = now
        if not self._ever_answered:
            kept = max(HOPELESS_ROUTES, len(self._failed_routes)) - 1
            self._failures = [*self._failures[-kept:], HOPELESS.get(reason)]
            self._failed_routes.add(label)

    def answered(self) -> None:
        """Note a response."""
        self._since = None
        self._ever_answered = True

    def stop_reason(self, now: float, next_try: float, routes: int | None) -> str | None:
        """Close reason, ``None`` to go on; ``next_try`` is when a proxy may be used again.

        ``routes`` is how many there are, ``None`` for any number.
        """
        if self._since is None:
            return None
        kinds = set(self._failures)
        tried = (
            len(self._failures) >= HOPELESS_ROUTES if routes is None else len(self._failed_routes) >= routes
        )
        if not self._ever_answered and tried and len(kinds) == 1 and None not in kinds:
            return f"proxy_{kinds.pop()}"
        patience = self._patience if self._ever_answered else self._patience / UNPROVEN_PATIENCE_FACTOR
        return "proxies" if next_try > now and next_try - self._since > patience else None


class ProxyRoutes(Protocol):
    """The proxies of a crawl, whatever kind they are."""

    def take(self, token: str, request: object) -> ProxyRoute | None:
        """A proxy for a request with this token, ``None`` when none is free now."""

    def release(self, route: ProxyRoute, request: object) -> None:
        """The request ended, and its outcome was noted."""

    def answered(self, route: ProxyRoute) -> None:
        """The API responded through it."""

    def failed(self, route: ProxyRoute, reason: str) -> float:
        """No response came through it; returns the seconds of its cooldown."""

    def wait(self) -> float:
        """Seconds until a proxy may be used; 0 unless all cool down."""

    def stop_reason(self) -> str | None:
        """Close reason, ``None`` to go on."""

    @property
    def is_failing(self) -> bool:
        """Whether no proxy has worked lately, so that no single request is the cause."""
