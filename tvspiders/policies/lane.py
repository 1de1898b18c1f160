"""What one process holds of one token: slots in hand, and what became of earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tvspiders.policies.store import QuotaStore
from tvspiders.policies.tokens import Token
from tvspiders.policies.window import QuotaWindow, Used

HORIZON = 1.0
"""Seconds for which slots are reserved ahead, so that SQL is not asked for each request."""
FRESH = 0.25
"""Seconds for which a slot in hand is trusted to be still valid in the shared state."""
MOST_AHEAD = 64
"""Slots reserved ahead at most where the quota allows very many a second."""
DOUBT = 1 / 20
"""Most of a period that slow answers may cost; slower ones were more likely served slowly than sent late."""
LEARN = 20
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


@dataclass
class Lane:
    """One token's slots in this process; moments on the store's clock unless said otherwise."""

    token: Token
    store: QuotaStore
    clock: float = 0.0
    """Offset of the store's clock to the local one."""
    slots: list[float] = field(default_factory=list)
    """Reserved, not yet given to a request."""
    uses: list[Used] = field(default_factory=list)
    """Not yet told to the store."""
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
    answers: int = 0
    quickest: float = 1e9
    """Shortest time from departure to answer, in seconds."""

    async def reserve(self, now: float, want: int) -> None:
        """Fetch up to ``want`` slots, at least one; tells the store what became of the earlier ones."""
        uses, self.uses = self.uses, []
        if want:
            self.ahead = min(2 * self.ahead, MOST_AHEAD) if now - self.reserved < FRESH else 1
            self.reserved, want = now, max(want, self.ahead)

        def change(window: QuotaWindow, at: float) -> list[float]:
            self._note(window.settle(at, uses))
            slots = window.reserve(at, want, HORIZON) if want else []
            self._look(window, at)
            return slots

        try:
            slots, self.clock = await self.store.change(self.token, change)
        except BaseException:
            self.uses = uses + self.uses
            raise
        self.seen = now
        self.slots = sorted(self.slots + slots)

    async def refused(self, now: float, sent: float, wait: float | None) -> None:
        """Close the token for everybody after a 429 on a request that left at ``sent``."""
        uses, self.uses = self.uses, []

        def change(window: QuotaWindow, at: float) -> None:
            self._note(window.settle(at, uses))
            self._note(window.refused(at, sent, wait))
            self._look(window, at)

        self.slots.clear()
        try:
            _, self.clock = await self.store.change(self.token, change)
        except BaseException:
            self.uses = uses + self.uses
            raise
        self.seen = now

    async def told(self, now: float, limit: int | None, remaining: int | None, reset: float | None) -> None:
        """Pass on what the API says about the quota in its headers."""

        def change(window: QuotaWindow, at: float) -> None:
            self._note(window.told(at, limit, remaining, reset))
            self._look(window, at)

        _, self.clock = await self.store.change(self.token, change)
        self.seen = now

    async def check(self, now: float) -> None:
        """Drop the slots in hand if another process closed the token meanwhile."""
        if self.store.shared and self.slots and now - self.seen > FRESH:
            if await self.store.epoch(self.token) != self.epoch:
                self.slots.clear()
            self.seen = now

    async def fetch(self, clock: Callable[[], float], want: int) -> float | None:
        """Seconds until the next slot is due (0: now), reserving up to ``want`` where none is in hand.

        ``None`` when what was in hand became void meanwhile.
        """
        self.drop_stale(clock())
        await self.check(clock())
        if not self.slots and want:
            await self.reserve(clock(), want)
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

    def figures_at(self, now: float) -> Figures | None:
        """The latest figures, as they read at this local moment."""
        if self.figures is None:
            return None
        age = max(0.0, now + self.clock - self.looked)
        reset = self.figures.reset - age if self.figures.reset is not None else None
        over = reset is not None and reset <= 0
        return replace(
            self.figures,
            used=0 if over else self.figures.used,
            wait=max(0.0, self.figures.wait - age),
            reset=None if over else reset,
            retired=self.retired,
        )

    @property
    def grace(self) -> float:
        """Seconds for which a slot may be used late."""
        return max(0.5, min(self.spacing, 5.0))

    def arrived(self, departed: float, answered: float, period: float) -> float:
        """Latest moment at which a request reached the API, on the store's clock, from local moments.

        The quickest answer tells how much of the time is only the way there and
        back, which later requests need as well; the first answers tell nothing yet.
        """
        took = answered - departed
        self.answers += 1
        self.quickest = min(self.quickest, took)
        usual = self.quickest if self.answers > LEARN else 0.0
        return departed + self.clock + min(took - usual, period * DOUBT)

    def _note(self, line: str | None) -> None:
        if line:
            self.notes.append(f"{self.token.label}: {line}")

    def _look(self, window: QuotaWindow, at: float) -> None:
        if self.epoch not in (-1, window.epoch):
            self.slots.clear()
        self.epoch = window.epoch
        self.spacing = window.spacing
        self.looked = at
        used, end = window.current(at)
        self.figures = Figures(
            self.token.label,
            used,
            window.belief.limit,
            window.belief.period,
            max(0.0, window.next_free(at) - at),
            end - at if end is not None else None,
            self.retired,
        )
