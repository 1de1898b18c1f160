"""One token's quota: which moments may be used for requests. Pure state, stored as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tvspiders.policies.quota.limit import LONG, LONGER, LimitEstimate, Quota
from tvspiders.policies.quota.sliding_log import SlidingLog
from tvspiders.policies.quota.window_boundaries import WindowBoundaries

BURST = 0.5
"""Seconds of slots at the fastest pace that may go at once: timers are late, and answers come in bursts."""
FASTEST = 2
"""How many times the even pace is kept until slots that passed unused are made up for."""
LAG = 1 / 4
"""Most of a period that is made up for; an idle crawl must not save its quota for a rush."""
REMEMBERED = 1.1
"""Longest periods that a request is remembered: a large quota would make the state large as well."""
PROBE = 1 / 20
"""Part of a period between two requests after a rest, until one is served: the first of them is a trial."""
VERSION = 1
_PLAIN = (
    "pointer",
    "even",
    "began",
    "closed_until",
    "refused_at",
    "refused_sent",
    "reopened",
    "served",
    "epoch",
    "touched",
)


@dataclass(frozen=True)
class Used:
    """What became of one reserved slot (moments on the store's clock)."""

    slot: float
    arrived: float | None
    """Latest moment at which the request reached the API; ``None`` when it never left."""
    served: bool = False
    """Whether the API answered without refusing it for its quota."""


class QuotaWindow:
    """Reserve moments so that no fixed window can ever hold more than its limit.

    Nothing is known of where the API's windows begin, so the stricter reading
    is kept: between a request and the one ``limit`` places later lies more than a
    full period. That is safe for windows on the clock and for windows that
    begin with a first request, and uses all of either but for a small margin.

    Every method takes ``now`` in seconds; all moments share that clock.

    >>> window = QuotaWindow(Quota(3, 3.0), now=0.0)
    >>> window.reserve(now=0.0, want=2, horizon=5.0)
    [0.0, 1.0015]
    """

    def __init__(self, quota: Quota, now: float, spread: bool = True) -> None:
        self.spread = spread
        self.belief = LimitEstimate.of(quota, now)
        self.alignment = WindowBoundaries(quota.period)
        self.log = SlidingLog(grain=max(0.001, quota.period / 5000))
        self.began = -1e9
        self.closed_until = 0.0
        self.refused_at = 0.0
        self.refused_sent = 0.0
        self.reopened = 0.0
        self.served = 0
        self.epoch = 0
        self.touched = now
        self.even, self.pointer = self._row_from(now)

    @property
    def margin(self) -> float:
        """Seconds beyond the period, for clocks that differ and servers that count whole seconds."""
        return min(1.0, 0.0015 * self.belief.period)

    @property
    def spacing(self) -> float:
        """Seconds between two evenly spread requests; as many fit into a period as the log lets pass."""
        return (self.belief.period + self.margin) / self.belief.limit if self.spread else 0.0

    @property
    def burst(self) -> float:
        """Seconds by which the fastest pace may lag behind."""
        return max(self.spacing, min(BURST, self.belief.period / 6))

    def reserve(self, now: float, want: int, horizon: float) -> list[float]:
        """Take the next free slot, and up to ``want`` in all within ``horizon`` seconds.

        Where others hold the slots up to there, a quarter of the horizon from the first one on.
        """
        self._touch(now)
        slots: list[float] = []
        for _ in range(want):
            even = max(self.even + self.spacing, now - LAG * self.belief.period)
            fast = max(self.pointer + self._least_gap, now - self.burst)
            slot = max(even, fast, self._earliest(), now)
            if slots and slot > max(now + horizon, slots[0] + horizon / 4):
                break
            # what the log or a late timer held up is late, but has its place in the even row all the same
            self.even, self.pointer = even, slot if slot > now else fast
            self.log.add(slot)
            slots.append(slot)
        # reservations may be given back, so they must not push out what was really sent
        self.log.drop_until(now - REMEMBERED * LONG * self.belief.quota.period)
        self.log.keep(max(self.belief.limit, self.belief.quota.limit) + self.log.count_after(now))
        return slots

    def settle(self, now: float, uses: Iterable[Used]) -> str | None:
        """Note what became of reserved slots; returns a line for the log when the belief changed."""
        self._touch(now)
        for use in uses:
            self.log.remove(use.slot)
            if use.arrived is None:
                latest = self.log.latest(1)
                self.pointer = min(self.pointer, now if latest is None else latest) - self.spacing
                self.even -= self.spacing
                continue
            self.log.add(use.arrived)
            if use.arrived >= self.began + self.belief.period:
                self.began = use.arrived
            if use.served and use.arrived > self.refused_at:
                self._served(use.arrived)
        used = self.log.count_after(now - self.belief.period)
        before = self.belief.period
        note = self.belief.quiet(now, used)
        if self.belief.period != before:
            self.alignment.forget(self.belief.period)
        return note

    def refused(self, now: float, sent: float, wait: float | None = None) -> str | None:
        """Close the token after a 429 on a request that left at ``sent``.

        ``wait`` is what the API asks to wait, in seconds, where it asks. It may prolong the rest and
        never shortens it: one that is too short, for whatever reason, would cost a second refusal in
        the same window. Later refusals of requests that were under way already close nothing anew.
        Returns a line for the log when the limit is believed to differ.
        """
        self._touch(now)
        if sent <= self.refused_at:
            return None
        rested = self.refused_at > 0 and sent - self.refused_at >= self.belief.quota.period
        limit, trying, period = self.belief.limit, self.belief.good, self.belief.period
        note = self.belief.refused(now, self._fitting(now), rested, wait)
        if self.belief.period != period:
            self.alignment.forget(self.belief.period)
        self.log.drop_after(now)
        switched = self.belief.period != period and self.belief.long
        # what held before the trial may have held by a hair, so a little less is taken for sure
        surely = max(1, trying - max(1, trying // 50)) if trying else limit if switched else 0
        asked = min(wait or 0.0, 1.1 * LONG * self.belief.quota.period)
        # what speaks of the longer limit for the first time may as well be a mistake, of an hour's rest
        told = switched and asked > LONGER * period
        end = now + asked if told else max(self._end(now, surely), now + asked)
        self.closed_until = end + self.margin
        self.refused_at, self.served, self.reopened = now, 0, 0.0
        self.refused_sent = sent
        self.belief.since = self.closed_until
        self.even, self.pointer = self._row_from(self.closed_until)
        self.epoch += 1
        return note

    def told(self, now: float, limit: int | None, remaining: int | None, reset: float | None) -> str | None:
        """Obey ``X-RateLimit-*``: the limit, what is left, and in how many seconds the window ends."""
        self._touch(now)
        if reset is not None and 0 < reset <= 1.1 * LONG * self.belief.quota.period:
            self.alignment.told(now + reset)
            if remaining == 0 and now + reset > self.closed_until:
                self.closed_until = now + reset + self.margin
                self.log.drop_after(now)
                self.even, self.pointer = self._row_from(self.closed_until)
                self.epoch += 1
        return self.belief.told(limit) if limit else None

    def current(self, now: float) -> tuple[int, float | None]:
        """Requests in the window that is open, and its end (``None`` when none is open).

        The end is where a refusal or the API put it, else a period after the first request.
        """
        end = self.began + self.belief.period
        if self.closed_until > now:
            end = self.closed_until
        elif now >= end:
            return 0, None
        start = min(self.began, end - self.belief.period)
        return self.log.count_after(start - self.log.grain) - self.log.count_after(now), end

    def next_free(self, now: float) -> float:
        """Moment from which a request that must wait now may go."""
        return max(now, self._earliest())

    def adapt(self, quota: Quota, now: float, spread: bool) -> None:
        """Start believing anew when the settings name another quota than the stored one."""
        self.spread = spread
        if quota != self.belief.quota:
            self.belief = LimitEstimate.of(quota, now)
            self.alignment.forget(quota.period)
            fresh = SlidingLog(grain=max(0.001, quota.period / 5000))
            for n in range(len(self.log), 0, -1):
                fresh.add(self.log.latest(n) or now)
            self.log = fresh

    def to_data(self) -> dict[str, Any]:
        """The state as JSON-able data."""
        return {
            "version": VERSION,
            "belief": asdict(self.belief),
            "alignment": asdict(self.alignment),
            "grain": self.log.grain,
            "log": self.log.deltas(),
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_data(cls, data: dict[str, Any], quota: Quota, now: float, spread: bool = True) -> QuotaWindow:
        """Read a stored state; one that another version wrote only closes the token for a period."""
        window = cls(quota, now, spread)
        if data.get("version") != VERSION:
            window.closed_until = now + quota.period
            return window
        belief = dict(data["belief"])
        window.belief = LimitEstimate(**belief | {"quota": Quota(**belief["quota"])})
        window.alignment = WindowBoundaries(**data["alignment"])
        window.log = SlidingLog(data["grain"], data["log"])
        for name in _PLAIN:
            setattr(window, name, data.get(name, getattr(window, name)))
        window.adapt(quota, now, spread)
        return window

    def _row_from(self, moment: float) -> tuple[float, float]:
        """The last slots before this moment, of the even and of the fastest pace, to start a row with it."""
        return moment - self.spacing, moment - self._least_gap

    @property
    def _least_gap(self) -> float:
        on_trial = self.refused_at > 0 and not self.reopened
        return max(PROBE * self.belief.period if on_trial else 0.0, self.spacing / FASTEST)

    def _earliest(self) -> float:
        """First moment at which neither a closure nor the limit stands in the way."""
        full = self.log.latest(self.belief.limit)
        free = full + self.belief.period + self.margin if full is not None else 0.0
        return max(free, self.closed_until)

    def _served(self, arrived: float) -> None:
        if self.refused_at and not self.reopened:
            # it was refused at the earliest when it left; how long its answer was under way says nothing
            self.alignment.served(self.refused_sent or self.refused_at, arrived)
            self.reopened = arrived
        self.served += 1

    def _fitting(self, now: float) -> int:
        """How many requests the API surely serves in a window, from what it served since the last refusal.

        A window that was full less than a period after a rest held all of them. Later
        they may lie in two windows, so only half of them are sure, or a little less than
        a limit that was found that way before.
        """
        limit = self.belief.limit
        if not self.reopened or now - self.reopened < self.belief.period - 2 * self.spacing:
            return self.served
        half = (min(self.served, self.log.count_after(now - self.belief.period), limit - 1) + 1) // 2
        return half if limit == self.belief.quota.limit else max(half, limit - max(1, limit // 8))

    def _end(self, now: float, fitting: int) -> float:
        """When the window that is full now is certainly over, where it served so many."""
        # where this many fit into one window, it began no later than the first of them
        known = self.log.latest(fitting)
        if known is not None and now - known < self.belief.period:
            return known + self.belief.period
        return self.alignment.end(now)

    def _touch(self, now: float) -> None:
        """Move everything along when the clock was set back, so that no wait grows by it."""
        if now < self.touched - 2.0:
            back = now - self.touched
            self.log.shift(back)
            self.pointer += back
            self.even += back
            self.began += back
            self.closed_until += back
            self.refused_at += back
            self.refused_sent += back
            self.reopened += back if self.reopened else 0.0
            self.alignment.forget(self.belief.period)
            self.belief.since += back
        self.touched = max(now, self.touched) if now > self.touched - 2.0 else now
