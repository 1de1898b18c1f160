"""All tokens of one crawl: who may send the next request, and when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from tvspiders.policies.breaker import Breaker
from tvspiders.policies.grant import Grant
from tvspiders.policies.lane import Figures, Lane
from tvspiders.policies.store import QuotaStore, StoreBusy
from tvspiders.policies.tokens import Token, TokenSource
from tvspiders.policies.waiters import NoTokens, Stopped, Waiters
from tvspiders.policies.window import Used

logger = logging.getLogger(__name__)

RETRY_STORE = 1.0
"""Seconds between two tries to reach the shared state."""
LOOK_AT_FILE = 2.0
"""Seconds between two looks at the token file."""


class TokenPool:
    """Hand out slots in the order of asking, each with the token that is free first.

    A token is sticky: while it has a slot it is used, and only then the next.
    Nothing is bound before it leaves, so a waiting request never blocks another.

    ``clock`` is local and monotonic; ``count`` adds to a statistic by name.
    """

    def __init__(
        self,
        source: TokenSource,
        store: QuotaStore,
        clock: Callable[[], float],
        count: Callable[[str, float], None] = lambda name, amount: None,
        breaker: Breaker | None = None,
    ) -> None:
        self.stopping = asyncio.Event()
        self.breaker = breaker or Breaker()
        self._source = source
        self._store = store
        self._clock = clock
        self._count = count
        self._lanes: dict[Token, Lane] = {}
        self._current: Lane | None = None
        self._waiters = Waiters()
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._paused_until = 0.0
        self._probing = False
        self._probe: Grant | None = None
        self._next_look = 0.0
        self._said_busy = -1e9
        self._open_lanes()

    async def acquire(self, first: bool = False) -> Grant:
        """Wait for a slot; ``first`` goes before those who wait already.

        Raises:
            Stopped: when the crawl is stopping.
            NoTokens: when no token is left.

        """
        if self.stopping.is_set():
            raise Stopped("the crawl is stopping")
        future = self._waiters.join(self._clock(), first)
        self._move()
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.give_back(future.result())
            raise

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
            grant.settled = True
            if self.is_stale(grant):
                grant.lane.give_back(grant.slot)
            else:
                grant.lane.slots.insert(0, grant.slot)
            self._move()

    def settle(self, grant: Grant, served: bool) -> None:
        """Note an answer (``served``), or a request that left and failed on the way."""
        if grant.settled or grant.departed is None:
            return
        grant.settled = True
        lane, now = grant.lane, self._clock()
        period = lane.figures.period if lane.figures else 1.0
        arrived = lane.arrived(grant.departed, now, period) if served else grant.departed + lane.clock
        lane.uses.append(Used(grant.slot, arrived, served))
        if grant is self._probe:
            self._move()

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
                self._say_busy(error)
                await self._rest(RETRY_STORE, self.stopping)
        self._say_notes(lane)
        self._move()

    async def told(self, grant: Grant, limit: int | None, remaining: int | None, reset: float | None) -> None:
        """Pass on ``X-RateLimit-*`` headers; given up silently while the store is busy."""
        try:
            await grant.lane.told(self._clock(), limit, remaining, reset)
        except StoreBusy as error:
            self._say_busy(error)
        self._say_notes(grant.lane)

    def retire(self, grant: Grant) -> bool:
        """Use this token no more in this run; returns whether that is news."""
        lane = grant.lane
        if lane.retired:
            return False
        lane.retired = True
        lane.slots.clear()
        self._count("tv/quota/retired", 1)
        logger.warning("%s is refused by the API (401) and not used any more in this run", grant.label)
        self._move()
        return True

    def succeeded(self) -> bool:
        """Note an answer of the API itself; returns whether that ended an outage."""
        self._probing = False
        self._move()
        return self.breaker.succeeded()

    def failed(self) -> bool:
        """Note a failure that blames the API or the way; returns whether an outage began."""
        rate = sum(lane.figures.limit / lane.figures.period for lane in self._live() if lane.figures)
        return self.breaker.failed(1 / rate if rate else 0.0)

    def pause(self, seconds: float) -> None:
        """Ask nothing at all for a while, and then only one request at a time until one succeeds."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)
        self._probing = True
        self._count("tv/quota/pauses", 1)
        self._move()

    def stop(self) -> None:
        """End every wait at once, for ever; safe to call twice and from a signal handler of the loop."""
        self.stopping.set()
        self._waiters.fail(Stopped("the crawl is stopping"))
        self._move()

    async def close(self, patience: float = 1.0) -> None:
        """Stop, and give unused slots back if the store answers within ``patience`` seconds."""
        self.stop()
        if self._task is not None:
            self._task.cancel()
        for lane in self._lanes.values():
            lane.uses += [Used(slot, None) for slot in lane.slots]
            lane.slots.clear()
        pending = [lane.reserve(self._clock(), 0) for lane in self._lanes.values() if lane.uses]
        if pending:
            try:
                async with asyncio.timeout(patience):
                    await asyncio.gather(*pending)
            except (StoreBusy, TimeoutError):
                logger.debug("unused quota slots were not given back; they expire with their window")

    def figures(self) -> list[Figures]:
        """Quota of each token as last seen."""
        return [lane.figures for lane in self._lanes.values() if lane.figures is not None]

    def live(self) -> list[Token]:
        """Tokens that may still be used."""
        return [lane.token for lane in self._live()]

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._waiters)

    def _live(self) -> list[Lane]:
        tokens = self._source.tokens()
        lanes = [self._lanes[token] for token in tokens if not self._lanes[token].retired]
        if self._current in lanes:
            lanes.sort(key=lambda lane: lane is not self._current)
        return lanes

    def _open_lanes(self) -> None:
        for token in self._source.tokens():
            self._lanes.setdefault(token, Lane(token, self._store))

    def _look_at_file(self, now: float) -> None:
        if now >= self._next_look:
            self._next_look = now + LOOK_AT_FILE
            if self._source.refresh():
                self._open_lanes()
                logger.info("the token file changed: %d tokens", len(self._source.tokens()))

    def _move(self) -> None:
        self._moved.set()
        if self._waiters and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """Serve the waiters until none is left."""
        while self._waiters and not self.stopping.is_set():
            self._moved.clear()
            try:
                rest = await self._serve()
            except StoreBusy as error:
                self._say_busy(error)
                self._count("tv/quota/store_waits", 1)
                rest = RETRY_STORE
            except Exception as error:
                logger.exception("no quota can be reserved")
                self._waiters.fail(error)
                return
            if rest is not None and self._waiters:
                await self._rest(rest, self._moved)

    async def _serve(self) -> float | None:
        """Grant one slot, or return how long to wait for the next."""
        now = self._clock()
        self._waiters.drop_gone()
        self._look_at_file(now)
        lanes = self._live()
        if not lanes:
            self._next_look = 0.0
            self._look_at_file(now)
            lanes = self._live()
        if not lanes:
            self._waiters.fail(NoTokens("no token is left that the API accepts"))
            return None
        held = max(self._paused_until, self.breaker.not_before())
        if held > now:
            return min(held - now, LOOK_AT_FILE)
        if self._probing and self._probe is not None and not self._probe.settled:
            return LOOK_AT_FILE
        return await self._grant(lanes)

    async def _grant(self, lanes: list[Lane]) -> float | None:
        for lane in lanes:
            now = self._clock()
            lane.drop_stale(now)
            await lane.check(now)
            if not lane.slots and not lane.retired:
                in_hand = sum(len(other.slots) for other in lanes)
                await lane.reserve(now, max(1, len(self._waiters) - in_hand))
                self._say_notes(lane)
            due = lane.due()
            if due is not None and due <= self._clock():
                self._hand_over(lane)
                return None
        dues = [due for lane in lanes if (due := lane.due()) is not None]
        if not dues:
            return 0.0
        return min(max(0.0, min(dues) - self._clock()), LOOK_AT_FILE)

    def _hand_over(self, lane: Lane) -> None:
        now = self._clock()
        grant = Grant(lane, lane.slots.pop(0), now, lane.epoch)
        asked = self._waiters.serve(grant)
        if asked is None:
            self.give_back(grant)
            return
        self._current = lane
        self._probe = grant if self._probing else None
        self.breaker.sent(now)
        self._count("tv/quota/wait_seconds", now - asked)

    async def _rest(self, seconds: float, until: asyncio.Event) -> None:
        """Sleep, but wake when the event comes."""
        try:
            async with asyncio.timeout(seconds):
                await until.wait()
        except TimeoutError:
            return

    def _say_notes(self, lane: Lane) -> None:
        notes, lane.notes = lane.notes, []
        for line in notes:
            logger.info("%s", line)

    def _say_busy(self, error: StoreBusy) -> None:
        now = self._clock()
        if now - self._said_busy >= 60:
            self._said_busy = now
            logger.warning("quota: %s; nothing is sent until it answers", error)
