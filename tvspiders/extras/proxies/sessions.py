"""Sessions of a proxy gateway: a new one for each request, or one for each token, with cooldowns."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakSet

from tvspiders.extras.proxies.health import UNREACHABLE, Cooldowns, OutageDetector, ProxyRoute
from tvspiders.policies.security.proxy_address import Gateway

MAX_FAILED_SESSIONS = 5
"""After so many failed sessions in a row the gateway itself, not each of them, is the cause."""


@dataclass(frozen=True)
class SessionRules:
    """How sessions are used."""

    sticky: bool
    """One session for each token until it fails or is too old; else one for each request."""
    countries: Sequence[str] = ()
    lifetime: float = 600.0
    """Seconds after which a sticky session is replaced; 0: never."""
    most: int = 32
    """Sessions in use or cooling down at a time."""


class SessionPool:
    """The sessions of one gateway. After ``MAX_FAILED_SESSIONS`` in a row the gateway cools down.

    During that nothing is sent, and then one request at a time until one gets a response.
    """

    def __init__(
        self,
        gateway: Gateway,
        clock: Callable[[], float],
        *,
        rules: SessionRules,
        cooldowns: Cooldowns,
        outage: OutageDetector,
        new_name: Callable[[], str] = lambda: secrets.token_hex(5),
    ) -> None:
        self.created = 0
        """Sessions so far."""
        self._gateway = gateway
        self._clock = clock
        self._rules = rules
        self._cooldowns = cooldowns
        self._outage = outage
        self._new_name = new_name
        self._in_flight: WeakSet[object] = WeakSet()
        self._failed_in_a_row = 0
        self._gateway_cooldowns = 0
        self._cools_since = 0.0
        self._cools_until = 0.0
        self._kept: list[ProxyRoute] = []
        self._current: dict[str, ProxyRoute] = {}
        self._country_of: dict[str, int] = {}

    def take(self, token: str, request: object) -> ProxyRoute | None:
        """A session for a request with this token, ``None`` when none is free now."""
        now = self._clock()
        if now < self._cools_until or (self.is_failing and self._in_flight):
            return None
        chosen = self._session_of(token, now) if self._rules.sticky else self._new_for_one_request(now)
        if chosen is None:
            return None
        chosen.taken_at = now
        chosen.in_flight.add(request)
        self._in_flight.add(request)
        return chosen

    def release(self, route: ProxyRoute, request: object) -> None:
        """The request ended."""
        route.in_flight.discard(request)
        self._in_flight.discard(request)

    def answered(self, route: ProxyRoute) -> None:
        """The API responded through it."""
        route.answered()
        self._outage.answered()
        self._failed_in_a_row = self._gateway_cooldowns = 0
        self._cools_since = self._cools_until = 0.0

    def failed(self, route: ProxyRoute, reason: str) -> float:
        """No response came through it; returns the seconds for which it, or the gateway, cools down."""
        now = self._clock()
        self._outage.failed(now, route.label, reason)
        self._failed_in_a_row = (
            max(MAX_FAILED_SESSIONS, self._failed_in_a_row)
            if reason in UNREACHABLE
            else self._failed_in_a_row + 1
        )
        seconds = self._cooldowns.after_failure(route, reason)
        route.cools_until = now + seconds
        # what left before the gateway cooled down says nothing new about it
        if self.is_failing and route.taken_at >= self._cools_since:
            self._gateway_cooldowns += 1
            self._cools_since, self._cools_until = (
                now,
                now + self._cooldowns.after_unreachable(self._gateway_cooldowns),
            )
        return max(self._cools_until - now, 0.0 if route.once else seconds)

    def wait(self) -> float:
        """Seconds until a session may be used; 0 unless all cool down."""
        now = self._clock()
        return max(0.0, self._next(now) - now)

    def stop_reason(self) -> str | None:
        """Close reason, ``None`` to go on."""
        now = self._clock()
        return self._outage.stop_reason(now, self._next(now), None)

    @property
    def is_failing(self) -> bool:
        """Whether no session has worked lately."""
        return self._failed_in_a_row >= MAX_FAILED_SESSIONS

    def _next(self, now: float) -> float:
        if not self._rules.sticky or len(self._held(now)) < self._rules.most:
            return self._cools_until
        return max(self._cools_until, min(kept.cools_until for kept in self._kept))

    def _new_for_one_request(self, now: float) -> ProxyRoute | None:
        if len(self._in_flight) >= self._rules.most:
            return None
        country = self._country("")
        return self._new(f"gateway-{country}" if country else "gateway", country, now, once=True)

    def _session_of(self, token: str, now: float) -> ProxyRoute | None:
        current = self._current.get(token)
        if current is not None and self._usable(current, now):
            return current if current.room else None
        held = self._held(now)
        free = [kept for kept in held if kept.token == token and self._usable(kept, now)]
        if free:
            chosen = free[0]
        elif len(held) < self._rules.most or self._drop_idle_of_another(token, now):
            country = self._country(token)
            chosen = self._new(f"exit-of-{token}", country, now)
            chosen.token = token
            self._kept.append(chosen)
        else:
            return None
        self._current[token] = chosen
        return chosen if chosen.room else None

    def _drop_idle_of_another(self, token: str, now: float) -> bool:
        """Free a place where there are more tokens than sessions: drop an idle one of another token."""
        for kept in self._kept:
            if kept.token != token and not kept.in_flight and now >= kept.cools_until:
                self._kept.remove(kept)
                if self._current.get(kept.token) is kept:
                    del self._current[kept.token]
                return True
        return False

    def _usable(self, kept: ProxyRoute, now: float) -> bool:
        return now >= kept.cools_until and not self._too_old(kept, now)

    def _too_old(self, kept: ProxyRoute, now: float) -> bool:
        return bool(self._rules.lifetime) and now - kept.created_at >= self._rules.lifetime

    def _held(self, now: float) -> list[ProxyRoute]:
        """Sessions in use or cooling down; those too old are dropped once nothing is in flight."""
        self._kept = [kept for kept in self._kept if kept.in_flight or not self._too_old(kept, now)]
        return self._kept

    def _country(self, token: str) -> str | None:
        """A token keeps its country; sessions for one request take them in turn."""
        if not self._rules.countries:
            return None
        turn = self._country_of.setdefault(token, len(self._country_of)) if token else self.created
        return self._rules.countries[turn % len(self._rules.countries)]

    def _new(self, label: str, country: str | None, now: float, once: bool = False) -> ProxyRoute:
        self.created += 1
        return ProxyRoute(label, self._gateway.session(self._new_name(), country), once=once, created_at=now)
