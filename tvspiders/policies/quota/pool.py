"""All tokens of one crawl: who may send the next request, and when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from tvspiders.errors import Stopped, StoreBusy, TvspidersError
from tvspiders.policies.quota.dispatcher import RETRY_STORE_SECONDS, Dispatcher
from tvspiders.policies.quota.pause import CircuitBreaker, Pause
from tvspiders.policies.quota.reservations import Figures
from tvspiders.policies.quota.store import QuotaStore
from tvspiders.policies.quota.token_set import TokenSet
from tvspiders.policies.quota.waiting import Grant
from tvspiders.policies.quota.window import SlotUse
from tvspiders.policies.security.tokens import Token, TokenSource

logger = logging.getLogger(__name__)


class TokenPool:
    """Grants a slot before each request, and records its outcome afterwards.

    A request gets its token when it leaves, so a waiting one never blocks another.

    ``clock`` is local and monotonic; ``count`` adds to a statistic by name; ``in_flight`` says
    whether the request of a grant may still get a response.
    """

    def __init__(
        self,
        source: TokenSource,
        store: QuotaStore,
        clock: Callable[[], float],
        count: Callable[[str, float], None] = lambda name, amount: None,
        breaker: CircuitBreaker | None = None,
        in_flight: Callable[[Grant], bool] = lambda grant: True,
    ) -> None:
        self.sending = Pause(breaker or CircuitBreaker(), in_flight)
        self._tokens = TokenSet(source, store)
        self._clock = clock
        self._count = count
        self._dispatcher = Dispatcher(self._tokens, self.sending, clock, count)
        self.stopping = self._dispatcher.stopping

    async def acquire(self, first: bool = False) -> Grant:
        """Wait for a slot; ``first`` goes before those who wait already.

        Raises:
            Stopped: when the crawl is stopping.
            NoTokens: when no token is left.

        """
        return await self._dispatcher.acquire(first)

    async def acquire_to_verify(self, label: str) -> Grant:
        """Wait for a slot of this retired token, to verify whether it is dead.

        Raises:
            Stopped: when the crawl is stopping.

        """
        reservations = self._tokens.named(label)
        if reservations is None:
            raise Stopped("that token is not known any more")
        return await self._dispatcher.acquire_to_verify(reservations)

    def depart(self, grant: Grant) -> Token:
        """Note that the request leaves now; returns its token."""
        grant.sent_at = self._clock()
        self._count(f"tv/quota/{grant.label}/sent", 1)
        return grant.reservations.token

    def is_stale(self, grant: Grant) -> bool:
        """Whether the grant does not count any more; see :meth:`Grant.is_stale`."""
        return grant.is_stale(self._clock())

    def unsent(self, grant: Grant) -> None:
        """Return a slot whose request was not connected to a server."""
        grant.sent_at = None
        self.give_back(grant)

    def give_back(self, grant: Grant) -> None:
        """Return a slot whose request never left; one that left stays used."""
        if grant.sent_at is not None:
            self.record(grant, served=False)
        elif not grant.finished:
            self._dispatcher.give_back(grant)

    def record(self, grant: Grant, served: bool) -> None:
        """Record a response (``served``), or a request that left and failed in transit."""
        if grant.finished or grant.sent_at is None:
            return
        grant.finished = True
        reservations, now = grant.reservations, self._clock()
        period = reservations.figures.period if reservations.figures else 1.0
        arrived = reservations.arrived(grant.sent_at, now, period, served)
        reservations.uses.append(SlotUse(grant.slot, arrived, served))
        reservations.sent.append(arrived)
        if self.sending.awaits(grant):
            self._dispatcher.wake()

    async def refused(self, grant: Grant, wait: float | None = None) -> None:
        """Close the grant's token after a 429; ``wait`` is the ``Retry-After`` in seconds."""
        reservations = grant.reservations
        grant.finished = True
        reservations.uses.append(SlotUse(grant.slot, None))
        self._count(f"tv/quota/{grant.label}/limited", 1)
        sent = (grant.sent_at if grant.sent_at is not None else self._clock()) + reservations.clock
        while not self.stopping.is_set():
            try:
                await reservations.refused(self._clock(), sent, wait)
                break
            except StoreBusy as error:
                self._dispatcher.log_busy(error)
                await self._dispatcher.sleep(RETRY_STORE_SECONDS, self.stopping)
        self._dispatcher.log_notes(reservations)
        self._dispatcher.wake()

    async def learn_limits(
        self, grant: Grant, limit: int | None, remaining: int | None, reset: float | None
    ) -> None:
        """Pass on ``X-RateLimit-*`` headers; ignored while the store is busy."""
        try:
            await grant.reservations.learn_limits(self._clock(), limit, remaining, reset)
        except StoreBusy as error:
            self._dispatcher.log_busy(error)
        self._dispatcher.log_notes(grant.reservations)

    def retire(self, grant: Grant) -> bool:
        """Stop using this token in this run; returns whether it was in use."""
        reservations = grant.reservations
        if reservations.retired:
            return False
        reservations.retired = True
        reservations.drop_all()
        self._count("tv/quota/retired", 1)
        logger.warning("%s is refused by the API (401) and not used any more in this run", grant.label)
        self._dispatcher.wake()
        return True

    def restore(self, label: str) -> None:
        """Use a retired token again: the request was at fault."""
        reservations = self._tokens.named(label)
        if reservations is not None and reservations.retired:
            reservations.retired = False
            self._count("tv/quota/restored", 1)
            logger.info("%s answers other requests; it is used again", label)
            self._dispatcher.wake()

    async def wait_for_token(self, seconds: float) -> None:
        """Wait while there is no token; ends early when one can be used, or when the crawl stops."""
        await self._dispatcher.wait_for_token(seconds)

    def verifying(self) -> AbstractContextManager[None]:
        """While a suspect token is verified, having no other is not the end."""
        return self._dispatcher.verifying()

    def succeeded(self) -> bool:
        """Note a response of the API; returns whether that ended an outage."""
        self._dispatcher.wake()
        return self.sending.succeeded()

    def failed(self) -> bool:
        """Note a failure of the API or the network; returns whether an outage began."""
        rate = self._tokens.rate()
        return self.sending.breaker.failed(1 / rate if rate else 0.0)

    def resume(self) -> None:
        """Serve at once: the process was suspended, and its timers with it."""
        self.sending.breaker.forget_pace()
        self._dispatcher.wake()

    def pause(self, seconds: float) -> None:
        """Ask nothing at all for a while, and then only one request at a time until one succeeds."""
        self.sending.begin(self._clock(), seconds)
        self._count("tv/quota/pauses", 1)
        self._dispatcher.wake()

    def resync(self) -> None:
        """The store went back in time: reserve again, and record again what was sent."""
        for reservations in self._tokens:
            reservations.resync(self._clock())
        self._dispatcher.wake()

    def stop(self) -> None:
        """End every wait now and from now on; safe to call twice and from a signal handler of the loop."""
        self._dispatcher.stop()

    async def close(self, patience: float = 1.0) -> None:
        """Stop, and give unused slots back if the store answers within ``patience`` seconds."""
        self._dispatcher.close()
        for reservations in self._tokens:
            if reservations.background is not None:
                reservations.background.cancel()
            reservations.drop_all()
        pending = [each.reserve(self._clock(), 0) for each in self._tokens if each.uses]
        if pending:
            try:
                async with asyncio.timeout(patience):
                    await asyncio.gather(*pending)
            except (TvspidersError, TimeoutError):
                logger.debug("unused quota slots were not given back; they expire with their window")

    def figures(self) -> list[Figures]:
        """Quota of each token, as far as this process knows."""
        return self._tokens.figures(self._clock())

    def live(self) -> list[Token]:
        """Tokens that may still be used."""
        return [reservations.token for reservations in self._tokens.live()]

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._dispatcher.waiters)
