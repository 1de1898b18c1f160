"""Give the next slot of any token to the first waiting request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tvspiders.errors import NoTokens, Stopped, StoreBusy, TvspidersError
from tvspiders.policies.quota.pause import Pause
from tvspiders.policies.quota.reservations import TokenReservations
from tvspiders.policies.quota.token_set import TOKEN_FILE_SECONDS, TokenSet
from tvspiders.policies.quota.waiting import Grant, WaitingRequests

logger = logging.getLogger(__name__)

RETRY_STORE_SECONDS = 0.25
"""Seconds between two attempts to reach the store, each of which waits for its lock as well."""


class Dispatcher:
    """Grants slots in the order of the requests, each with the token that is free first.

    ``clock`` is local and monotonic; ``count`` adds to a statistic by name.
    """

    def __init__(
        self,
        tokens: TokenSet,
        pause: Pause,
        clock: Callable[[], float],
        count: Callable[[str, float], None],
    ) -> None:
        self.stopping = asyncio.Event()
        self.waiters = WaitingRequests()
        self._tokens = tokens
        self._pause = pause
        self._clock = clock
        self._count = count
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._verifications = 0
        self._logged_busy_at = -1e9

    async def acquire(self, first: bool) -> Grant:
        """Wait for a slot, before those who wait already if ``first``; raises ``Stopped``, ``NoTokens``."""
        if self.stopping.is_set():
            raise Stopped("the crawl is stopping")
        future = self.waiters.join(self._clock(), first)
        self.wake()
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.give_back(future.result())
            raise

    async def acquire_to_verify(self, reservations: TokenReservations) -> Grant:
        """Wait for a slot of this very token, retired or not; raises ``Stopped``."""
        while not self.stopping.is_set():
            wait: float | None = RETRY_STORE_SECONDS
            try:
                wait = await reservations.fetch(self._clock, 1)
            except StoreBusy as error:
                self.log_busy(error)
            if wait == 0:
                slot = reservations.slots.pop(0)
                return Grant(reservations, slot, self._clock(), reservations.epoch, to_verify=True)
            await self.sleep(min(wait or 0.0, TOKEN_FILE_SECONDS), self.stopping)
        raise Stopped("the crawl is stopping")

    def give_back(self, grant: Grant) -> None:
        """Return a slot that was not used."""
        grant.finished = True
        if grant.to_verify or grant.is_stale(self._clock()):
            grant.reservations.give_back(grant.slot)
        else:
            grant.reservations.slots.insert(0, grant.slot)
        self.wake()

    @contextmanager
    def verifying(self) -> Iterator[None]:
        """While a suspect token is verified, having no other is not the end."""
        self._verifications += 1
        try:
            yield
        finally:
            self._verifications -= 1
            self.wake()

    def wake(self) -> None:
        """Serve again: something changed."""
        self._changed.set()
        if self.waiters and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """End every wait now and from now on."""
        self.stopping.set()
        self.waiters.fail(Stopped("the crawl is stopping"))
        self.wake()

    def close(self) -> None:
        """Stop, and end the task that serves."""
        self.stop()
        if self._task is not None:
            self._task.cancel()

    async def sleep(self, seconds: float, until: asyncio.Event) -> None:
        """Sleep, or until the event is set."""
        try:
            async with asyncio.timeout(seconds):
                await until.wait()
        except TimeoutError:
            return

    async def wait_for_token(self, seconds: float) -> None:
        """Sleep, or until the crawl stops or a token can be used, as one new in the file."""
        end = self._clock() + seconds
        while not self._tokens.live() and not self.stopping.is_set():
            left = end - self._clock()
            if left <= 0:
                return
            await self.sleep(min(left, TOKEN_FILE_SECONDS), self.stopping)
            self._look_at_file(self._clock())

    def log_notes(self, reservations: TokenReservations) -> None:
        """Log changes of the estimate."""
        notes, reservations.notes = reservations.notes, []
        for line in notes:
            logger.info("%s", line)

    def log_busy(self, error: StoreBusy) -> None:
        """Log, at most once a minute, that the store cannot be reached."""
        now = self._clock()
        if now - self._logged_busy_at >= 60:
            self._logged_busy_at = now
            logger.warning("quota: %s; nothing is sent until it answers", error)

    async def _run(self) -> None:
        """Serve waiting requests until none is left."""
        while self.waiters and not self.stopping.is_set():
            self._changed.clear()
            try:
                wait = await self._serve()
            except StoreBusy as error:
                self.log_busy(error)
                self._count("tv/quota/store_waits", 1)
                wait = RETRY_STORE_SECONDS
            except TvspidersError as error:  # one line, reported where a slot is awaited
                self.waiters.fail(error)
                return
            except Exception as error:
                logger.exception("no quota can be reserved")
                self.waiters.fail(error)
                return
            if wait is not None and self.waiters:
                await self.sleep(wait, self._changed)

    async def _serve(self) -> float | None:
        """Grant one slot, or return how long to wait for the next."""
        now = self._clock()
        self.waiters.drop_cancelled()
        self._look_at_file(now)
        live = self._tokens.live()
        if not live:
            self._look_at_file(now, at_once=True)
            live = self._tokens.live()
        if not live and self._verifications:
            return TOKEN_FILE_SECONDS
        if not live:
            self.waiters.fail(NoTokens("no token is left that the API accepts"))
            return None
        held = self._pause.until(now)
        if held is None or held > now:
            return min(held - now, TOKEN_FILE_SECONDS) if held else TOKEN_FILE_SECONDS
        return await self._grant(live)

    def _look_at_file(self, now: float, at_once: bool = False) -> None:
        tokens = self._tokens.refresh(now, at_once)
        if tokens is not None:
            logger.info("the token file changed: %d tokens", tokens)

    async def _grant(self, live: list[TokenReservations]) -> float | None:
        waits = []
        for reservations in live:
            in_hand = sum(len(other.slots) for other in live)
            wait = await reservations.fetch(self._clock, len(self.waiters) - in_hand)
            self.log_notes(reservations)
            if wait == 0 and not reservations.retired:
                self._hand_over(reservations)
                return None
            if wait is not None:
                waits.append(wait)
        return min(*waits, TOKEN_FILE_SECONDS) if waits else 0.0

    def _hand_over(self, reservations: TokenReservations) -> None:
        now = self._clock()
        grant = Grant(reservations, reservations.slots.pop(0), now, reservations.epoch)
        asked = self.waiters.serve(grant)
        if asked is None:
            self.give_back(grant)
            return
        self._tokens.current = reservations
        self._pause.sent(now, grant)
        self._count("tv/quota/wait_seconds", now - asked)
