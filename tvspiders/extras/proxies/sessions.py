"""Sessions of a gateway: fresh ones, or one for each token; bad ones rest, and so does the gateway."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from weakref import WeakSet

from tvspiders.extras.proxies.health import UNREACHABLE, Cooldowns, OutageDetector, ProxyRoute
from tvspiders.policies.security.proxy_address import Gateway

SUSPECT_ROW = 5
"""Sessions that fail in a row before the gateway itself, not each of them, is taken for the cause."""


class SessionPool:
    """The routes behind one gateway; ``SUSPECT_ROW`` failed sessions in a row speak against the gateway.

    ``rotate`` mints a session for each request, which closes with it. ``sticky``
    keeps one for each token until it fails or grows older than ``lifetime``
    seconds (0: never); then the token takes one whose rest is over, or a new one.
    At most ``most`` sessions are in use, or resting, at a time.

    While the gateway rests nothing leaves, and after that one request at a time
    until one is answered.
    """

    def __init__(
        self,
        gateway: Gateway,
        clock: Callable[[], float],
        *,
        sticky: bool,
        countries: Sequence[str] = (),
        lifetime: float = 600.0,
        most: int = 32,
        rests: Cooldowns,
        trouble: OutageDetector,
        mint: Callable[[], str] = lambda: secrets.token_hex(5),
    ) -> None:
        self.minted = 0
        """Sessions so far."""
        self._gateway = gateway
        self._clock = clock
        self._sticky = sticky
        self._countries = countries
        self._lifetime = lifetime
        self._most = most
        self._rests = rests
        self._trouble = trouble
        self._mint = mint
        self._flying: WeakSet[object] = WeakSet()
        self._row = 0
        self._downs = 0
        self._rests_since = 0.0
        self._rests_until = 0.0
        self._kept: list[ProxyRoute] = []
        self._current: dict[str, ProxyRoute] = {}
        self._turn: dict[str, int] = {}

    def take(self, token: str, request: object) -> ProxyRoute | None:
        """A proxy for a request with this token, ``None`` when none is free now."""
        now = self._clock()
        if now < self._rests_until or (self.doubtful and self._flying):
            return None
        chosen = self._session_of(token, now) if self._sticky else self._fresh(now)
        if chosen is None:
            return None
        chosen.taken = now
        chosen.flying.add(request)
        self._flying.add(request)
        return chosen

    def release(self, route: ProxyRoute, request: object) -> None:
        """The request came to its end."""
        route.flying.discard(request)
        self._flying.discard(request)

    def answered(self, route: ProxyRoute) -> None:
        """The API answered through it."""
        route.answered()
        self._trouble.answered()
        self._row = self._downs = 0
        self._rests_since = self._rests_until = 0.0

    def failed(self, route: ProxyRoute, reason: str) -> float:
        """Nothing came through it; returns the seconds for which it, or the gateway, rests."""
        now = self._clock()
        self._trouble.failed(now, route.label, reason)
        self._row = max(SUSPECT_ROW, self._row) if reason in UNREACHABLE else self._row + 1
        rest = self._rests.of(route, reason)
        route.rests_until = now + rest
        # what left before the gateway rested says nothing new about it
        if self.doubtful and route.taken >= self._rests_since:
            self._downs += 1
            self._rests_since, self._rests_until = now, now + self._rests.short(self._downs)
        return max(self._rests_until - now, 0.0 if route.once else rest)

    def wait(self) -> float:
        """Seconds until a proxy may be asked; 0 unless all rest."""
        now = self._clock()
        return max(0.0, self._next(now) - now)

    def verdict(self) -> str | None:
        """Why to give up, ``None`` to go on."""
        now = self._clock()
        return self._trouble.verdict(now, self._next(now), None)

    @property
    def doubtful(self) -> bool:
        """Whether lately nothing came through at all."""
        return self._row >= SUSPECT_ROW

    def _next(self, now: float) -> float:
        if not self._sticky or len(self._held(now)) < self._most:
            return self._rests_until
        return max(self._rests_until, min(kept.rests_until for kept in self._kept))

    def _fresh(self, now: float) -> ProxyRoute | None:
        if len(self._flying) >= self._most:
            return None
        country = self._country("")
        return self._new(f"gateway-{country}" if country else "gateway", country, now, once=True)

    def _session_of(self, token: str, now: float) -> ProxyRoute | None:
        current = self._current.get(token)
        if current is not None and self._usable(current, now):
            return current if current.room else None
        held = self._held(now)
        rested = [kept for kept in held if kept.token == token and self._usable(kept, now)]
        if rested:
            chosen = rested[0]
        elif len(held) < self._most or self._give_up_one(token, now):
            country = self._country(token)
            chosen = self._new(f"exit-of-{token}", country, now)
            chosen.token = token
            self._kept.append(chosen)
        else:
            return None
        self._current[token] = chosen
        return chosen if chosen.room else None

    def _give_up_one(self, token: str, now: float) -> bool:
        """Make place, where there are more tokens than sessions: let go of another's that is idle."""
        for kept in self._kept:
            if kept.token != token and not kept.flying and now >= kept.rests_until:
                self._kept.remove(kept)
                if self._current.get(kept.token) is kept:
                    del self._current[kept.token]
                return True
        return False

    def _usable(self, kept: ProxyRoute, now: float) -> bool:
        return now >= kept.rests_until and not self._too_old(kept, now)

    def _too_old(self, kept: ProxyRoute, now: float) -> bool:
        return bool(self._lifetime) and now - kept.born >= self._lifetime

    def _held(self, now: float) -> list[ProxyRoute]:
        """Sessions in use or resting; those too old are forgotten once nothing is under way."""
        self._kept = [kept for kept in self._kept if kept.flying or not self._too_old(kept, now)]
        return self._kept

    def _country(self, token: str) -> str | None:
        """A token stays in its country; fresh sessions take turns."""
        if not self._countries:
            return None
        turn = self._turn.setdefault(token, len(self._turn)) if token else self.minted
        return self._countries[turn % len(self._countries)]

    def _new(self, label: str, country: str | None, now: float, once: bool = False) -> ProxyRoute:
        self.minted += 1
        return ProxyRoute(label, self._gateway.session(self._mint(), country), once=once, born=now)
