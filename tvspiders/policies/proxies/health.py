"""What an exit is, how long it rests, and when waiting for exits makes no sense any more."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakSet

from tvspiders.policies.proxies.address import ProxyAddress

WASTE = 3
"""Requests that a blocked exit may cost before it is left alone for an hour."""
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
"""Failures that waiting does not mend, at an exit that never worked: how the crawl ends."""
UNPROVEN = 5
"""Patience is so many times shorter with proxies that never worked in this run."""
CUT = ("connection", "truncated")
"""The connection to the API itself ended early: an exit that had worked until then gets another chance."""
UNREACHABLE = ("refused", "dns")
"""Nobody was there to connect to: no request was wasted, and the exit may come back soon."""


@dataclass(eq=False)
class ProxyRoute:
    """One way out. Holds credentials, so it is never logged as a whole."""

    label: str
    """Anonymous name, for logs and statistics."""
    address: ProxyAddress | None
    """``None`` goes directly."""
    once: bool = False
    """For one request only, with a connection of its own."""
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
    """Times in a row that nobody was there."""
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

    def __repr__(self) -> str:
        return f"Exit({self.label})"


DIRECT = ProxyRoute("direct", None)
"""No proxy at all."""


class Cooldowns:
    """How long an exit rests: each time four times as long, and an hour after ``WASTE`` failures.

    >>> rests, exit_ = Rests(60, jitter=max), Exit("exit-1", None)
    >>> [rests.of(exit_, "timeout") for _ in range(3)]
    [60.0, 240.0, 3600.0]
    """

    def __init__(self, base: float, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self.base = base
        self._jitter = jitter

    def short(self, missed: int) -> float:
        """Seconds, after nobody was there, or nothing got through, so many times in a row."""
        return self._spread(min(self.base, self.base / 10 * 2.0 ** min(missed - 1, 30)))

    def of(self, exit_: ProxyRoute, reason: str) -> float:
        """Count a failure, and say how long the exit rests for it: not at all, or seconds."""
        worked, exit_.proven = exit_.proven, False
        if reason in UNREACHABLE:
            exit_.missed += 1
            return self.short(exit_.missed)
        exit_.wasted += 1
        if worked and reason in CUT:
            return 0.0
        exit_.rested += 1
        if exit_.wasted >= WASTE or reason == "certificate":
            return max(LONGEST, self.base)  # the longest is not shortened by chance
        return self._spread(self.base * 4.0 ** (exit_.rested - 1))

    def _spread(self, full: float) -> float:
        return float(self._jitter(full * 0.75, full))


class OutageDetector:
    """Since when nothing has come through any exit, and what to do about it.

    >>> trouble = Trouble(patience=600)
    >>> trouble.failed(now=0.0, exit_label="a", reason="timeout")
    >>> trouble.verdict(now=10.0, next_try=70.0, exits=1) is None
    True
    >>> trouble.verdict(now=70.0, next_try=240.0, exits=1)
    'proxies'
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since: float | None = None
        self._ever = False
        self._row: list[str | None] = []
        self._seen: set[str] = set()

    def failed(self, now: float, exit_label: str, reason: str) -> None:
        """Note that an exit let nothing through."""
        if self._since is None:
            self._since = now
        if not self._ever:
            self._row = [*self._row[1 - max(TRIES, len(self._seen)) :], HOPELESS.get(reason)]
            self._seen.add(exit_label)

    def answered(self) -> None:
        """Note an answer."""
        self._since = None
        self._ever = True

    def verdict(self, now: float, next_try: float, exits: int | None) -> str | None:
        """Why to give up, ``None`` to go on; ``next_try`` is when an exit may be asked again.

        ``exits`` is how many there are, ``None`` for as many as one likes.
        """
        if self._since is None:
            return None
        kinds = set(self._row)
        tried = len(self._row) >= TRIES if exits is None else len(self._seen) >= exits
        if not self._ever and tried and len(kinds) == 1 and None not in kinds:
            return f"proxy_{kinds.pop()}"
        patience = self._patience if self._ever else self._patience / UNPROVEN
        return "proxies" if next_try > now and next_try - self._since > patience else None


class ProxyRoutes(Protocol):
    """Where requests may leave; moments are those of the clock that was injected."""

    def take(self, token: str, request: object) -> ProxyRoute | None:
        """An exit for a request with this token, ``None`` when none is free now."""

    def release(self, exit_: ProxyRoute, request: object) -> None:
        """The request came to its end, and what is to be said about the exit was said."""

    def answered(self, exit_: ProxyRoute) -> None:
        """The API answered through it."""

    def failed(self, exit_: ProxyRoute, reason: str) -> float:
        """Nothing came through it; returns the seconds for which it rests."""

    def wait(self) -> float:
        """Seconds until an exit may be asked; 0 unless all rest."""

    def verdict(self) -> str | None:
        """Why to give up, ``None`` to go on."""

    @property
    def doubtful(self) -> bool:
        """Whether lately nothing came through at all, so that no single request can be to blame."""
