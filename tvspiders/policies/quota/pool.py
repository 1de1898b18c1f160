"""All tokens of one crawl: who may send the next request, and when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from tvspiders.errors import TvspidersError
from tvspiders.policies.quota.dispatcher import RETRY_STORE, Dispatcher
from tvspiders.policies.quota.pause import CircuitBreaker, Pause
from tvspiders.policies.quota.reservations import Figures
from tvspiders.policies.quota.store import QuotaStore, StoreBusy
from tvspiders.policies.quota.token_set import TokenSet
from tvspiders.policies.quota.waiting import Grant, Stopped
from tvspiders.policies.quota.window import Used
from tvspiders.policies.security.tokens import Token, TokenSource

logger = logging.getLogger(__name__)


class TokenPool:
    """What the crawl asks of its tokens: a slot before each request, and what became of it afterwards.

    Nothing is bound before it leaves, so a waiting request never blocks another.

    ``clock`` is local and monotonic; ``count`` adds to a statistic by name; ``under_way`` tells
    whether the request of a grant may still be answered.
    """

    def __init__(
        self,
        source: TokenSource,
        store: QuotaStore,
        clock: Callable[[], float],
        count: Callable[[str, float], None] = lambda name, amount: None,
        breaker: CircuitBreaker | None = None,
        under_way: Callable[[Grant], bool] = lambda grant: True,
    ) -> None:
        self.silence = Pause(breaker or CircuitBreaker(), under_way)
        self._lanes = TokenSet(source, store)
        self._clock = clock
        self._count = count
        self._dispatcher = Dispatcher(self._lanes, self.silence, clock, count)
        self.stopping = self._dispatcher.stopping

    async def acquire(self, first: bool = False) -> Grant:
        """Wait for a slot; ``first`` goes before those who wait already.

        Raises:
            Stopped: when the crawl is stopping.
            NoTokens: when no token is left.

        """
        return await self._dispatcher.acquire(first)

    async def acquire_trial(self, label: str) -> Grant:
        """Wait for a slot of this retired token, to find out whether it is dead.

        Raises:
            Stopped: when the crawl is stopping.

        """
        lane = self._lanes.named(label)
        if lane is None:
            raise Stopped("that token is not known any more")
        return await self._dispatcher.acquire_of(lane)

    def depart(self, grant: Grant) -> Token:
        """Note that the request leaves now; returns its token."""
        grant.departed = self._clock()
        self._count(f"tv/quota/{grant.label}/sent", 1)
        return grant.lane.token

    def is_stale(self, grant: Grant) -> bool:
        """Whether the grant does not count any more; see :meth:`Grant.is_stale`."""
        return grant.is_stale(self._clock())

    def unsent(self, grant: Grant) -> None:
        """Return a slot whose request found nobody to connect to."""
        grant.departed = None
        self.give_back(grant)

    def give_back(self, grant: Grant) -> None:
        """Return a slot whose request never left. One that left stays used."""
        if grant.departed is not None:
            self.settle(grant, served=False)
        elif not grant.settled:
            self._dispatcher.give_back(grant)

    def settle(self, grant: Grant, served: bool) -> None:
        """Note an answer (``served``), or a request that left and failed on the way."""
        if grant.settled or grant.departed is None:
            return
        grant.settled = True
        lane, now = grant.lane, self._clock()
        period = lane.figures.period if lane.figures else 1.0
        arrived = lane.arrived(grant.departed, now, period, served)
        lane.uses.append(Used(grant.slot, arrived, served))
        lane.sent.append(arrived)
        if self.silence.awaits(grant):
            self._dispatcher.move()

    async def refused(self, grant: Grant, wait: float | None = None) -> None:
        """Let the grant's token rest after a 429; ``wait`` is what the API asks, in seconds."""
        lane = grant.lane
        grant.settled = True
        lane.uses.append(Used(grant.slot, None))
        self._count(f"tv/quota/{grant.label}/limited", 1)
        sent = (grant.departed if grant.departed is not None else self._clock()) + lane.clock
        while not self.stopping.is_set():
            try:
                await lane.refused(self._clock(), sent, wait)
                break
            except StoreBusy as error:
                self._dispatcher.say_busy(error)
                await self._dispatcher.rest(RETRY_STORE, self.stopping)
        self._dispatcher.say_notes(lane)
        self._dispatcher.move()

    async def told(self, grant: Grant, limit: int | None, remaining: int | None, reset: float | None) -> None:
        """Pass on ``X-RateLimit-*`` headers; given up silently while the store is busy."""
        try:
            await grant.lane.told(self._clock(), limit, remaining, reset)
        except StoreBusy as error:
            self._dispatcher.say_busy(error)
        self._dispatcher.say_notes(grant.lane)

    def retire(self, grant: Grant) -> bool:
        """Use this token no more in this run; returns whether that is news."""
        lane = grant.lane
        if lane.retired:
            return False
        lane.retired = True
        lane.drop_all()
        self._count("tv/quota/retired", 1)
        logger.warning("%s is refused by the API (401) and not used any more in this run", grant.label)
        self._dispatcher.move()
        return True

    def restore(self, label: str) -> None:
        """Use a retired token again: the request was at fault."""
        lane = self._lanes.named(label)
        if lane is not None and lane.retired:
            lane.retired = False
            self._count("tv/quota/restored", 1)
            logger.info("%s answers other requests; it is used again", label)
            self._dispatcher.move()

    async def rest(self, seconds: float) -> None:
        """Wait while there is no token; ends early when one can be used, or when the crawl stops."""
        await self._dispatcher.rest_without_token(seconds)

    def on_trial(self) -> AbstractContextManager[None]:
        """While a trial is under way, having no token is not the end."""
        return self._dispatcher.on_trial()

    def succeeded(self) -> bool:
        """Note an answer of the API itself; returns whether that ended an outage."""
        self._dispatcher.move()
        return self.silence.succeeded()

    def failed(self) -> bool:
        """Note a failure that blames the API or the way; returns whether an outage began."""
        rate = self._lanes.rate()
        return self.silence.breaker.failed(1 / rate if rate else 0.0)

    def look_again(self) -> None:
        """Look at once who may be served: the process stood still, and its timers with it."""
        self.silence.breaker.forget_pace()
        self._dispatcher.move()

    def pause(self, seconds: float) -> None:
        """Ask nothing at all for a while, and then only one request at a time until one succeeds."""
        self.silence.pause(self._clock(), seconds)
        self._count("tv/quota/pauses", 1)
        self._dispatcher.move()

    def forget(self) -> None:
        """The store went back in time: reserve anew, and tell it again what was sent."""
        for lane in self._lanes:
            lane.forget(self._clock())
        self._dispatcher.move()

    def stop(self) -> None:
        """End every wait at once, for ever; safe to call twice and from a signal handler of the loop."""
        self._dispatcher.stop()

    async def close(self, patience: float = 1.0) -> None:
        """Stop, and give unused slots back if the store answers within ``patience`` seconds."""
        self._dispatcher.close()
        for lane in self._lanes:
            if lane.looking is not None:
                lane.looking.cancel()
            lane.drop_all()
        pending = [lane.reserve(self._clock(), 0) for lane in self._lanes if lane.uses]
        if pending:
            try:
                async with asyncio.timeout(patience):
                    await asyncio.gather(*pending)
            except (TvspidersError, TimeoutError):
                logger.debug("unused quota slots were not given back; they expire with their window")

    def figures(self) -> list[Figures]:
        """Quota of each token, as far as this process knows."""
        return self._lanes.figures(self._clock())

    def live(self) -> list[Token]:
        """Tokens that may still be used."""
        return [lane.token for lane in self._lanes.live()]

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._dispatcher.waiters)
