"""What one process has reserved of one token's quota, and the outcome of earlier slots."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from tvspiders.errors import TvspidersError
from tvspiders.policies.quota.store import QuotaStore
from tvspiders.policies.quota.window import QuotaWindow, SlotUse
from tvspiders.policies.security.tokens import Token

RESERVE_AHEAD_SECONDS = 1.0
"""Slots are reserved for at most so long, so that not every request needs a transaction."""
RESERVE_AHEAD_SHARE = 1 / 30
"""The same as a share of the period: late requests must be recorded before their slots come round again."""
FRESH_SECONDS = 0.25
"""For so long a reserved slot is assumed to be still valid in the store."""
MAX_RESERVED = 64
"""Most slots reserved at once, where the quota allows very many a second."""
MAX_TRANSIT_SHARE = 1 / 2
"""Upper bound, as a share of the period, on how late a slow request is assumed to have reached the server."""
REMEMBERED_REQUESTS = 1000
"""Requests that are recorded again in a store that went back in time."""
WARMUP_RESPONSES = 20
"""Responses after which the quickest of them counts as the usual time of transit."""


@dataclass(frozen=True)
class Figures:
    """A token's quota as last seen, for progress and statistics."""

    label: str
    used: int
    """Requests in the open window, of all processes that share the store."""
    limit: int
    period: float
    """Seconds."""
    wait: float
    """Seconds until the next request may go; 0 for at once."""
    reset: float | None
    """Seconds until the next window, ``None`` when no window is open."""
    retired: bool
    """Whether the API refused the token itself."""


@dataclass(frozen=True)
class _Stored:
    """The window in the store as one change left it."""

    at: float
    epoch: int
    spacing: float
    figures: Figures
    note: str | None


@dataclass
class _Transit:
    """How long requests take to the API and back, in seconds."""

    responses: int = 0
    quickest: float = 1e9

    def late(self, took: float, served: bool) -> float:
        """By how much a request may have reached the API later than it left.

        The quickest response shows how much of the time every request needs; the first ones show nothing.
        """
        if served:
            self.responses += 1
            self.quickest = min(self.quickest, took)
        return took - (self.quickest if self.responses > WARMUP_RESPONSES else 0.0)


@dataclass
class TokenReservations:
    """One token's slots in this process; moments on the store's clock unless said otherwise."""

    token: Token
    store: QuotaStore
    clock: float = 0.0
    """Offset of the store's clock to the local one."""
    slots: list[float] = field(default_factory=list)
    """Reserved, not yet given to a request."""
    uses: list[SlotUse] = field(default_factory=list)
    """Outcomes that are not in the store yet."""
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED_REQUESTS))
    """Latest moments at which requests reached the API."""
    notes: list[str] = field(default_factory=list)
    """Lines for the log."""
    retired: bool = False
    """Whether the API refused the token itself."""
    stored: _Stored | None = None
    """The window as last read; ``None`` before the first time, and after the store went back in time."""
    read_at: float = -1e9
    """Local moment of the last read of the store."""
    reserved_at: float = -1e9
    """Local moment of the last reservation."""
    least: int = 1
    """Fewest slots to reserve: more, the sooner the last ones were used up."""
    refusals_being_stored: int = 0
    """429s being written to the store; slots reserved before them are already invalid."""
    transit: _Transit = field(default_factory=_Transit)
    background: asyncio.Task[None] | None = None
    """A read or a reservation that runs while slots are left."""

    @property
    def epoch(self) -> int:
        """Epoch of the token; slots of an earlier one are void."""
        return -1 if self.stored is None else self.stored.epoch

    @property
    def figures(self) -> Figures | None:
        """The quota as last read."""
        return None if self.stored is None else self.stored.figures

    async def reserve(self, now: float, want: int) -> None:
        """Fetch up to ``want`` slots, at least one, and record the outcome of the earlier ones."""
        uses, self.uses = self.uses, []
        if want:
            self.least = min(2 * self.least, MAX_RESERVED) if now - self.reserved_at < FRESH_SECONDS else 1
            self.reserved_at, want = now, max(want, self.least)

        def change(window: QuotaWindow, at: float) -> tuple[list[float], _Stored]:
            note = window.record(at, uses)
            slots = window.reserve(at, want, _horizon(window.estimate.period)) if want else []
            return slots, self._read(window, at, note)

        try:
            (slots, stored), self.clock = await self.store.change(self.token, change)
        except BaseException:
            self.uses = uses + self.uses
            raise
        self._take_in(stored, now)
        # a 429 may have been stored meanwhile, which made what was reserved before it void
        if stored.epoch == self.epoch and not self.refusals_being_stored:
            self.slots = sorted(self.slots + slots)

    async def refused(self, now: float, sent: float, wait: float | None) -> None:
        """Close the token for all processes after a 429 on a request that left at ``sent``."""
        uses, self.uses = self.uses, []

        def change(window: QuotaWindow, at: float) -> _Stored:
            notes = [window.record(at, uses), window.refused(at, sent, wait)]
            return self._read(window, at, "; ".join(filter(None, notes)))

        self.slots.clear()
        self.refusals_being_stored += 1
        try:
            stored, self.clock = await self.store.change(self.token, change)
        except BaseException:
            self.uses = uses + self.uses
            raise
        finally:
            self.refusals_being_stored -= 1
        self._take_in(stored, now)

    async def learn_limits(
        self, now: float, limit: int | None, remaining: int | None, reset: float | None
    ) -> None:
        """Store what the ``X-RateLimit-*`` headers say."""

        def change(window: QuotaWindow, at: float) -> _Stored:
            return self._read(window, at, window.learn_limits(at, limit, remaining, reset))

        stored, self.clock = await self.store.change(self.token, change)
        self._take_in(stored, now)

    async def check(self, now: float) -> None:
        """Drop the reserved slots if another process closed the token meanwhile."""
        if await self.store.epoch(self.token) != self.epoch:
            self.slots.clear()
        self.read_at = now

    async def fetch(self, clock: Callable[[], float], want: int) -> float | None:
        """Seconds until the next slot is due (0: now); ``want`` more are reserved where they run short.

        Waits for the store only when no slot is left. ``None`` when what was reserved is void already.
        """
        self.drop_stale(clock())
        if self.refusals_being_stored:
            return FRESH_SECONDS
        if not self.slots and self.background is not None:
            await self.background
        if not self.slots:
            await self.reserve(clock(), max(1, want))
        else:
            self._fetch_in_background(clock(), want)
        due = self.due()
        return None if due is None else max(0.0, due - clock())

    def due(self) -> float | None:
        """Local moment of the first reserved slot."""
        return self.slots[0] - self.clock if self.slots else None

    def drop_stale(self, now: float) -> None:
        """Give back slots whose time is over."""
        if self.slots and self.slots[0] - self.clock < now - self.grace:
            self.give_back(self.slots.pop(0))

    def give_back(self, slot: float) -> None:
        """Return a slot, and with it all reserved ones: the next ones may be earlier now."""
        self.uses.append(SlotUse(slot, None))
        self.drop_all()

    def drop_all(self) -> None:
        """Return the reserved slots."""
        self.uses += [SlotUse(slot, None) for slot in self.slots]
        self.slots.clear()

    def resync(self, now: float) -> None:
        """Read the store as new after it went back in time, and record the last period again."""
        since = now + self.clock - (self.figures.period if self.figures else 0.0)
        self.slots.clear()
        if self.stored is not None:
            self.stored = replace(self.stored, epoch=-1)
        # a request that the store still has is removed before it is added
        self.uses = [SlotUse(moment, moment) for moment in self.sent if moment > since]

    def figures_at(self, now: float) -> Figures | None:
        """The latest figures, projected to this local moment."""
        if self.stored is None:
            return None
        figures, age = self.stored.figures, max(0.0, now + self.clock - self.stored.at)
        reset = figures.reset - age if figures.reset is not None else None
        over = reset is not None and reset <= 0
        due = self.due()
        free = figures.wait - age if due is None else due - now
        return replace(
            figures,
            used=0 if over else figures.used,
            wait=max(0.0, free),
            reset=None if over else reset,
            retired=self.retired,
        )

    @property
    def grace(self) -> float:
        """Seconds for which a slot may be used late."""
        return max(0.5, min(0.0 if self.stored is None else self.stored.spacing, 5.0))

    def arrived(self, sent_at: float, ended: float, period: float, served: bool) -> float:
        """Latest moment at which a request reached the API, on the store's clock, from local moments."""
        late = self.transit.late(ended - sent_at, served)
        return sent_at + self.clock + max(0.0, min(late, period * MAX_TRANSIT_SHARE))

    def _fetch_in_background(self, now: float, want: int) -> None:
        """Ask the store while there are slots: it may be slow."""
        if self.background is not None and not self.background.done():
            return
        work: Coroutine[Any, Any, None] | None = None
        horizon = _horizon(self.figures.period) if self.figures else RESERVE_AHEAD_SECONDS
        if want > 0 and self.slots[-1] - self.clock < now + horizon / 2:
            work = self.reserve(now, want)
        elif self.store.shared and now - self.read_at > FRESH_SECONDS:
            work = self.check(now)
        self.background = asyncio.ensure_future(_ignoring_errors(work)) if work is not None else None

    def _read(self, window: QuotaWindow, at: float, note: str | None) -> _Stored:
        used, end = window.current(at)
        figures = Figures(
            self.token.label,
            used,
            window.estimate.limit,
            window.estimate.period,
            max(0.0, window.next_free(at) - at),
            end - at if end is not None else None,
            self.retired,
        )
        return _Stored(at, window.epoch, window.spacing, figures, note)

    def _take_in(self, stored: _Stored, now: float) -> None:
        """Keep what was read from the store, unless a later read came first."""
        self.read_at = now
        if stored.note:
            self.notes.append(f"{self.token.label}: {stored.note}")
        if stored.epoch < self.epoch:
            return
        if self.epoch not in (-1, stored.epoch):
            self.slots.clear()
        self.stored = stored


def _horizon(period: float) -> float:
    return min(RESERVE_AHEAD_SECONDS, RESERVE_AHEAD_SHARE * period)


async def _ignoring_errors(work: Coroutine[Any, Any, None]) -> None:
    """Errors are ignored here: the next foreground call meets and reports the same problem."""
    try:
        await work
    except TvspidersError:
        return
