"""Rotate a list of proxies with scrapy-rotating-proxies, with its faults repaired."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from rotating_proxies.middlewares import RotatingProxyMiddleware
from scrapy import signals
from scrapy.crawler import Crawler

from tvspiders.extras.proxies.health import ProxyRoute
from tvspiders.extras.proxies.routes import cooldowns_of, outage_detector_of
from tvspiders.policies.security.proxy_address import ProxyAddress
from tvspiders.steady_clock import steady

LOG_EVERY = 60.0
"""Seconds between two lines of the library about the state of its proxies."""


class RotatingList(RotatingProxyMiddleware):  # type: ignore[misc]
    """The library knows which proxies are good, dead or unchecked; what it does wrong is done here.

    It knows the proxies by our labels and never sees an address: so it keeps two
    users of one host apart, and logs no password. The download slot stays that of the API (the
    library has one for each proxy, which multiplies any delay), and it waits for dead proxies
    instead of using them again at once. Scrapy loads
    :class:`~tvspiders.extras.proxies.middleware.ProxyMiddleware` in the library's place, which retries;
    what counts as a ban is :class:`~tvspiders.extras.proxies.bans.ProxyBanPolicy`.

    Stats: ``proxies/…`` of the library are not kept; ``tv/proxy/…`` are.
    """

    def __init__(
        self,
        crawler: Crawler,
        addresses: Sequence[ProxyAddress],
        clock: Callable[[], float] = steady,
        choose: Callable[[Sequence[ProxyRoute]], ProxyRoute] = random.choice,
    ) -> None:
        routes = [ProxyRoute(f"exit-{number}", address) for number, address in enumerate(addresses, 1)]
        self._by_label = {route.label: route for route in routes}
        self._sticky = crawler.settings.get("TV_PROXY_MODE") == "sticky"
        self._bound: dict[str, ProxyRoute] = {}
        self._clock = clock
        self._choose = choose
        self._cooldowns = cooldowns_of(crawler.settings)
        self._outage = outage_detector_of(crawler.settings)
        RotatingProxyMiddleware.__init__(self, list(self._by_label), LOG_EVERY, False, 0, 0, 0, crawler)
        crawler.signals.connect(self.engine_started, signals.engine_started)
        crawler.signals.connect(self.engine_stopped, signals.engine_stopped)

    @classmethod
    def cleanup_proxy_list(cls, proxy_list: list[str]) -> list[str]:
        """Labels stay what they are; the library would make URLs of them."""
        return proxy_list

    def reanimate_proxies(self) -> None:
        """Called by the library every five seconds; on our clock, which no change of the date moves."""
        self.proxies.reanimate(self._clock())

    # -- the routes of the list ------------------------------------------------------------------

    def take(self, token: str, request: object) -> ProxyRoute | None:
        """A proxy for a request with this token, ``None`` when none is free now."""
        self.reanimate_proxies()
        free = [self._by_label[label] for label in sorted(self.proxies.good | self.proxies.unchecked)]
        bound = self._bound.get(token)
        if self._sticky and bound in free:
            free = [bound]
        elif self._sticky:
            taken = {id(route) for other, route in self._bound.items() if other != token}
            free = [route for route in free if id(route) not in taken] or free
        free = [route for route in free if route.room]
        if not free:
            return None
        chosen = self._choose(free)
        if self._sticky:
            self._bound[token] = chosen
        chosen.in_flight.add(request)
        return chosen

    def release(self, route: ProxyRoute, request: object) -> None:
        """The request has ended."""
        route.in_flight.discard(request)

    def answered(self, route: ProxyRoute) -> None:
        """The API responded through it."""
        route.answered()
        self._outage.answered()
        self.proxies.mark_good(route.label)

    def failed(self, route: ProxyRoute, reason: str) -> float:
        """No response came through it; returns the seconds of its cooldown."""
        now = self._clock()
        self._outage.failed(now, route.label, reason)
        seconds = self._cooldowns.after_failure(route, reason)
        if seconds:
            self.proxies.backoff = lambda failed_attempts: seconds
            self.proxies.mark_dead(route.label, now)
        return seconds

    def wait(self) -> float:
        """Seconds until a proxy may be asked; 0 unless all seconds."""
        now = self._clock()
        return max(0.0, self._next(now) - now)

    def stop_reason(self) -> str | None:
        """Close reason, ``None`` to go on."""
        now = self._clock()
        return self._outage.stop_reason(now, self._next(now), len(self._by_label))

    @property
    def is_failing(self) -> bool:
        """Whether all proxies cool down, so that no single request is the cause."""
        return not self.proxies.good

    def _next(self, now: float) -> float:
        if self.proxies.good or self.proxies.unchecked:
            return now
        return min(float(self.proxies.proxies[label].next_check) for label in self.proxies.dead)
