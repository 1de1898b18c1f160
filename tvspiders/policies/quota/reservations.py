"""What one process holds of one token: slots in hand, and what became of earlier ones."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from tvspiders.errors import TvspidersError
from tvspiders.policies.quota.store import QuotaStore
from tvspiders.policies.quota.window import QuotaWindow, Used
from tvspiders.policies.security.tokens import Token

RESERVE_AHEAD_SECONDS = 1.0
"""Seconds for which slots are reserved ahead at most, so that SQL is not asked for each request."""
RESERVE_AHEAD_SHARE = 1 / 30
"""Most of a period for which they are: what was sent late must be known when its slot comes round again."""
FRESH_SECONDS = 0.25
"""Seconds for which a slot in hand is trusted to be still valid in the shared state."""
MAX_RESERVED = 64
"""Slots reserved ahead at most where the quota allows very many a second."""
MAX_TRANSIT_SHARE = 1 / 2
"""Most of a period that a slow answer may cost; a slower one was more likely served slowly than sent late."""
REMEMBERED_GRANTS = 1000
"""Requests that a store that went back in time is told of again at most."""
WARMUP_ANSWERS = 20
"""Answers before the quickest of them tells the usual time on the way."""


@dataclass(frozen=True)
class Figures:
    """A token's quota as last seen, for progress and statistics."""

    label: str
    used: int
    """Requests in the window that is open, by everybody who shares the state."""
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
class _Look:
    """The shared state as one change left it."""

    at: float
    epoch: int
    spacing: float
    figures: Figures
    note: str | None


@dataclass
class TokenReservations:
    """One token's slots in this process; moments on the store's clock unless said otherwise."""

    token: Token
    store: QuotaStore
    clock: float = 0.0
    """Offset of the store's clock to the local one."""
    slots: list[float] = field(default_factory=list)
    """Reserved, not yet given to a request."""
    uses: list[Used] = field(default_factory=list)
    """Not yet told to the store."""
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED_GRANTS))
    """Latest moments at which requests reached the API."""
    notes: list[str] = field(default_factory=list)
    """Lines for the log."""
    retired: bool = False
    epoch: int = -1
    seen: float = -1e9
    """Local moment of the last look at the store."""
    spacing: float = 0.0
    figures: Figures | None = None
    looked: float = 0.0
    """Moment of ``figures``, on the store's clock."""
    reserved: float = -1e9
    """Local moment of the last reservation."""
    ahead: int = 1
    """Slots to reserve at least: more, the sooner the last ones were used up."""
    closing: int = 0
    """Refusals that the store is being told of: what is in hand is void already."""
    answers: int = 0
    quickest: float = 1e9
    """Shortest time from departure to answer, in seconds."""
    looking: asyncio.Task[None] | None = None
    """A look at the store, or a reservation, while there are slots in hand."""

    async def reserve(self, now: float, want: int) -> None:
        """Fetch up to ``want`` slots, at least one; tells the store what became of the earlier ones."""
        uses, self.uses = self.uses, []
        if want:
            self.ahead = min(2 * self.ahead, MAX_RESERVED) if now - self.reserved < FRESH_SECONDS else 1
            self.reserved, want = now, max(want, self.ahead)

        def change(window: QuotaWindow, at: float) -> tuple[list[float], _Look]:
            note = window.settle(at, uses)
            slots = window.reserve(at, want, _horizon(window.belief.period)) if want else []
            return slots, self._look(window, at, note)

        try:
            (slots, look), self.clock = await self.store.change(self.token, change)
        except BaseException:
            self.uses = uses + self.uses
            raise
        self._take_in(look, now)
        # a refusal may have been told meanwhile, which made what was reserved before it void
        if look.epoch == self.epoch and not self.closing:
            self.slots = sorted(self.slots + slots)

    async def refused(self, now: float, sent: float, wait: float | None) -> None:
        """Close the token for everybody after a 429 on a request that left at ``sent``."""
        uses, self.uses = self.uses, []

        def change(window: QuotaWindow, at: float) -> _Look:
            notes = [window.settle(at, uses), window.refused(at, sent, wait)]
            return self._look(window, at, "; ".join(filter(None, notes)))

        self.slots.clear()
        self.closing += 1
        try:
            look, self.clock = await self.store.change(self.token, change)
        except BaseException:
            self.uses = uses + self.uses
            raise
        finally:
            self.closing -= 1
        self._take_in(look, now)

    async def told(self, now: float, limit: int | None, remaining: int | None, reset: float | None) -> None:
        """Pass on what the API says about the quota in its headers."""

        def change(window: QuotaWindow, at: float) -> _Look:
            return self._look(window, at, window.told(at, limit, remaining, reset))

        look, self.clock = await self.store.change(self.token, change)
        self._take_in(look, now)

    async def check(self, now: float) -> None:
        """Drop the slots in hand if another process closed the token meanwhile."""
        if await self.store.epoch(self.token) != self.epoch:
            self.slots.clear()
        self.seen = now

    async def fetch(self, clock: Callable[[], float], want: int) -> float | None:
        """Seconds until the next slot is due (0: now); ``want`` more are reserved where they run short.

        Waits for the store only when nothing is in hand. ``None`` when what was reserved is void already.
        """
        self.drop_stale(clock())
        if self.closing:
            return FRESH_SECONDS
        if not self.slots and self.looking is not None:
            await self.looking
        if not self.slots:
            await self.reserve(clock(), max(1, want))
        else:
            self._look_ahead(clock(), want)
        due = self.due()
        return None if due is None else max(0.0, due - clock())

    def due(self) -> float | None:
        """Local moment of the first slot in hand."""
        return self.slots[0] - self.clock if self.slots else None

    def drop_stale(self, now: float) -> None:
        """Give back slots that passed unused."""
        if self.slots and self.slots[0] - self.clock < now - self.grace:
            self.give_back(self.slots.pop(0))

    def give_back(self, slot: float) -> None:
        """Return a slot, and with it those in hand: the next ones may be earlier now."""
        self.uses.append(Used(slot, None))
        self.drop_all()

    def drop_all(self) -> None:
        """Return the slots in hand."""
        self.uses += [Used(slot, None) for slot in self.slots]
        self.slots.clear()

    def forget(self, now: float) -> None:
        """Believe the store anew, which went back in time; it is told again what the last period held."""
        since = now + self.clock - (self.figures.period if self.figures else 0.0)
        self.slots.clear()
        self.epoch = -1
        # what the store still knows is taken out before it is put in
        self.uses = [Used(moment, moment) for moment in self.sent if moment > since]

    def figures_at(self, now: float) -> Figures | None:
        """The latest figures, as they read at this local moment."""
        if self.figures is None:
            return None
        age = max(0.0, now + self.clock - self.looked)
        reset = self.figures.reset - age if self.figures.reset is not None else None
        over = reset is not None and reset <= 0
        due = self.due()
        free = self.figures.wait - age if due is None else due - now
        return replace(
            self.figures,
            used=0 if over else self.figures.used,
            wait=max(0.0, free),
            reset=None if over else reset,
            retired=self.retired,
        )

    @property
    def grace(self) -> float:
        """Seconds for which a slot may be used late."""
        return max(0.5, min(self.spacing, 5.0))

    def arrived(self, departed: float, ended: float, period: float, served: bool) -> float:
        """Latest moment at which a request reached the API, on the store's clock, from local moments.

        The quickest answer tells how much of the time is only the way there and
        back, which later requests need as well; the first answers tell nothing yet.
        """
        took = ended - departed
        if served:
            self.answers += 1
            self.quickest = min(self.quickest, took)
        usual = self.quickest if self.answers > WARMUP_ANSWERS else 0.0
        return departed + self.clock + max(0.0, min(took - usual, period * MAX_TRANSIT_SHARE))

    def _look_ahead(self, now: float, want: int) -> None:
        """Let the store be asked in the background: it may be slow, and the slots in hand are good."""
        if self.looking is not None and not self.looking.done():
            return
        work: Coroutine[Any, Any, None] | None = None
        horizon = _horizon(self.figures.period) if self.figures else RESERVE_AHEAD_SECONDS
        if want > 0 and self.slots[-1] - self.clock < now + horizon / 2:
            work = self.reserve(now, want)
        elif self.store.shared and now - self.seen > FRESH_SECONDS:
            work = self.check(now)
        self.looking = asyncio.ensure_future(_in_background(work)) if work is not None else None

    def _look(self, window: QuotaWindow, at: float, note: str | None) -> _Look:
        used, end = window.current(at)
        figures = Figures(
            self.token.label,
            used,
            window.belief.limit,
            window.belief.period,
            max(0.0, window.next_free(at) - at),
            end - at if end is not None else None,
            self.retired,
        )
        return _Look(at, window.epoch, window.spacing, figures, note)

    def _take_in(self, look: _Look, now: float) -> None:
        """Believe what the store showed, unless a later look came first."""
        self.seen = now
        if look.note:
            self.notes.append(f"{self.token.label}: {look.note}")
        if look.epoch < self.epoch:
            return
        if self.epoch not in (-1, look.epoch):
            self.slots.clear()
        self.epoch, self.spacing = look.epoch, look.spacing
        self.figures, self.looked = look.figures, look.at


def _horizon(period: float) -> float:
    return min(RESERVE_AHEAD_SECONDS, RESERVE_AHEAD_SHARE * period)


async def _in_background(work: Coroutine[Any, Any, None]) -> None:
    """What fails here fails again when the slots in hand are used up, and is told then."""
    try:
        await work
    except TvspidersError:
        return
