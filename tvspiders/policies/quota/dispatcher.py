"""Serve the requests that wait: the next slot of any token to the first in the line."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tvspiders.errors import TvspidersError
from tvspiders.policies.quota.pause import Pause
from tvspiders.policies.quota.reservations import TokenReservations
from tvspiders.policies.quota.store import StoreBusy
from tvspiders.policies.quota.token_set import LOOK_AT_FILE, TokenSet
from tvspiders.policies.quota.waiting import Grant, NoTokens, Stopped, WaitingRequests

logger = logging.getLogger(__name__)

RETRY_STORE = 0.25
"""Seconds between two tries to reach the shared state, each of which waits for its lock as well."""


class Dispatcher:
    """Hand out slots in the order of asking, each with the token that is free first.

    ``clock`` is local and monotonic; ``count`` adds to a statistic by name.
    """

    def __init__(
        self,
        lanes: TokenSet,
        silence: Pause,
        clock: Callable[[], float],
        count: Callable[[str, float], None],
    ) -> None:
        self.stopping = asyncio.Event()
        self.waiters = WaitingRequests()
        self._lanes = lanes
        self._silence = silence
        self._clock = clock
        self._count = count
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._trials = 0
        self._said_busy = -1e9

    async def acquire(self, first: bool) -> Grant:
        """Wait for a slot, before those who wait already if ``first``; raises ``Stopped``, ``NoTokens``."""
        if self.stopping.is_set():
            raise Stopped("the crawl is stopping")
        future = self.waiters.join(self._clock(), first)
        self.move()
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.give_back(future.result())
            raise

    async def acquire_of(self, lane: TokenReservations) -> Grant:
        """Wait for a slot of this very lane, retired or not; raises ``Stopped``."""
        while not self.stopping.is_set():
            rest: float | None = RETRY_STORE
            try:
                rest = await lane.fetch(self._clock, 1)
            except StoreBusy as error:
                self.say_busy(error)
            if rest == 0:
                return Grant(lane, lane.slots.pop(0), self._clock(), lane.epoch, trial=True)
            await self.rest(min(rest or 0.0, LOOK_AT_FILE), self.stopping)
        raise Stopped("the crawl is stopping")

    def give_back(self, grant: Grant) -> None:
        """Return a slot that was not used."""
        grant.settled = True
        if grant.trial or grant.is_stale(self._clock()):
            grant.lane.give_back(grant.slot)
        else:
            grant.lane.slots.insert(0, grant.slot)
        self.move()

    @contextmanager
    def on_trial(self) -> Iterator[None]:
        """While a refused token is on trial, having no other is not the end."""
        self._trials += 1
        try:
            yield
        finally:
            self._trials -= 1
            self.move()

    def move(self) -> None:
        """Look again: something changed."""
        self._moved.set()
        if self.waiters and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """End every wait at once, for ever."""
        self.stopping.set()
        self.waiters.fail(Stopped("the crawl is stopping"))
        self.move()

    def close(self) -> None:
        """Stop, and serve no more."""
        self.stop()
        if self._task is not None:
            self._task.cancel()

    async def rest(self, seconds: float, until: asyncio.Event) -> None:
        """Sleep, but wake when the event comes."""
        try:
            async with asyncio.timeout(seconds):
                await until.wait()
        except TimeoutError:
            return

    async def rest_without_token(self, seconds: float) -> None:
        """Sleep, but wake when the crawl stops, or soon after a token can be used, as from the file."""
        end = self._clock() + seconds
        while not self._lanes.live() and not self.stopping.is_set():
            left = end - self._clock()
            if left <= 0:
                return
            await self.rest(min(left, LOOK_AT_FILE), self.stopping)
            self._look_at_file(self._clock())

    def say_notes(self, lane: TokenReservations) -> None:
        """Log what a lane has learned."""
        notes, lane.notes = lane.notes, []
        for line in notes:
            logger.info("%s", line)

    def say_busy(self, error: StoreBusy) -> None:
        """Log, at most once a minute, that the shared state cannot be reached."""
        now = self._clock()
        if now - self._said_busy >= 60:
            self._said_busy = now
            logger.warning("quota: %s; nothing is sent until it answers", error)

    async def _run(self) -> None:
        """Serve the waiters until none is left."""
        while self.waiters and not self.stopping.is_set():
            self._moved.clear()
            try:
                rest = await self._serve()
            except StoreBusy as error:
                self.say_busy(error)
                self._count("tv/quota/store_waits", 1)
                rest = RETRY_STORE
            except TvspidersError as error:  # one line, which those who wait will tell
                self.waiters.fail(error)
                return
            except Exception as error:
                logger.exception("no quota can be reserved")
                self.waiters.fail(error)
                return
            if rest is not None and self.waiters:
                await self.rest(rest, self._moved)

    async def _serve(self) -> float | None:
        """Grant one slot, or return how long to wait for the next."""
        now = self._clock()
        self.waiters.drop_gone()
        self._look_at_file(now)
        lanes = self._lanes.live()
        if not lanes:
            self._look_at_file(now, at_once=True)
            lanes = self._lanes.live()
        if not lanes and self._trials:
            return LOOK_AT_FILE
        if not lanes:
            self.waiters.fail(NoTokens("no token is left that the API accepts"))
            return None
        held = self._silence.until(now)
        if held is None or held > now:
            return min(held - now, LOOK_AT_FILE) if held else LOOK_AT_FILE
        return await self._grant(lanes)

    def _look_at_file(self, now: float, at_once: bool = False) -> None:
        tokens = self._lanes.refresh(now, at_once)
        if tokens is not None:
            logger.info("the token file changed: %d tokens", tokens)

    async def _grant(self, lanes: list[TokenReservations]) -> float | None:
        rests = []
        for lane in lanes:
            in_hand = sum(len(other.slots) for other in lanes)
            rest = await lane.fetch(self._clock, len(self.waiters) - in_hand)
            self.say_notes(lane)
            if rest == 0 and not lane.retired:
                self._hand_over(lane)
                return None
            if rest is not None:
                rests.append(rest)
        return min(*rests, LOOK_AT_FILE) if rests else 0.0

    def _hand_over(self, lane: TokenReservations) -> None:
        now = self._clock()
        grant = Grant(lane, lane.slots.pop(0), now, lane.epoch)
        asked = self.waiters.serve(grant)
        if asked is None:
            self.give_back(grant)
            return
        self._lanes.current = lane
        self._silence.sent(now, grant)
        self._count("tv/quota/wait_seconds", now - asked)
