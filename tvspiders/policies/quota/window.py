"""The quota window of one token: which moments may be used for requests. Pure state, stored as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tvspiders.policies.quota.limit import LONG_LIMIT_FACTOR, LONG_WAIT_PERIODS, LimitEstimate, Quota
from tvspiders.policies.quota.sliding_log import SlidingLog
from tvspiders.policies.quota.window_boundaries import LastRefusal, WindowBoundaries

BURST_SECONDS = 0.5
"""Slots of so long at the fastest pace may be used at once: timers are late, responses come in bursts."""
CATCH_UP_FACTOR = 2
"""Unused slots are made up for at so many times the even pace."""
CATCH_UP_SHARE = 1 / 4
"""Unused slots are made up for this share of a period; an idle crawl must not save its quota for a rush."""
REMEMBERED_PERIODS = 1.1
"""Long periods for which a request is remembered, so that a large quota keeps its state small."""
PROBE_SHARE = 1 / 20
"""Share of a period between two requests after a 429, until one is served: the first of them is a probe."""
HEADER_MARGIN = 1.1
"""Waits beyond so many long periods, as headers name them, are not plausible."""
CLOCK_STEP_SECONDS = 2.0
"""A clock that goes back by more was set."""
STATE_VERSION = 1
_PLAIN = ("began", "closed_until", "epoch", "touched")
"""Attributes that are stored as they are."""


@dataclass(frozen=True)
class SlotUse:
    """The outcome of one reserved slot (moments on the store's clock)."""

    slot: float
    arrived: float | None
    """Latest moment at which the request reached the API; ``None`` when it never left."""
    served: bool = False
    """Whether the API answered without refusing it for its quota."""


@dataclass
class _Pace:
    """The last slots given out, at the even pace and at the fastest."""

    even: float
    pointer: float

    def shift(self, seconds: float) -> None:
        """Move with the clock."""
        self.even += seconds
        self.pointer += seconds


class QuotaWindow:
    """Reserve moments so that no fixed window can ever hold more than its limit.

    The API's windows may begin anywhere, so a sliding window is kept: between a
    request and the one ``limit`` places later lies more than a full period. That is
    safe for windows on the clock and for windows that begin with a first request,
    and uses all of either but for a small margin.

    Every method takes ``now`` in seconds; all moments share that clock.

    >>> window = QuotaWindow(Quota(3, 3.0), now=0.0)
    >>> window.reserve(now=0.0, want=2, horizon=5.0)
    [0.0, 1.0015]
    """

    def __init__(self, quota: Quota, now: float, spread: bool = True) -> None:
        self.spread = spread
        self.estimate = LimitEstimate.of(quota, now)
        self.boundaries = WindowBoundaries(quota.period)
        self.log = SlidingLog(grain=max(0.001, quota.period / 5000))
        self.began = -1e9
        self.closed_until = 0.0
        self.last_refusal = LastRefusal()
        self.epoch = 0
        self.touched = now
        self.pace = self._pace_from(now)

    @property
    def margin(self) -> float:
        """Seconds beyond the period, for clocks that differ and servers that count whole seconds."""
        return min(1.0, 0.0015 * self.estimate.period)

    @property
    def spacing(self) -> float:
        """Seconds between two evenly spread requests; as many fit into a period as the log lets pass."""
        return (self.estimate.period + self.margin) / self.estimate.limit if self.spread else 0.0

    @property
    def burst(self) -> float:
        """Seconds by which the fastest pace may lag behind."""
        return max(self.spacing, min(BURST_SECONDS, self.estimate.period / 6))

    def reserve(self, now: float, want: int, horizon: float) -> list[float]:
        """Take the next free slot, and up to ``want`` in all within ``horizon`` seconds.

        Where others hold the slots up to there, a quarter of the horizon from the first one on.
        """
        self._touch(now)
        slots: list[float] = []
        for _ in range(want):
            even = max(self.pace.even + self.spacing, now - CATCH_UP_SHARE * self.estimate.period)
            fast = max(self.pace.pointer + self._least_gap, now - self.burst)
            slot = max(even, fast, self._earliest(), now)
            if slots and slot > max(now + horizon, slots[0] + horizon / 4):
                break
            # a slot that the log or a late timer delayed keeps its place at the even pace
            self.pace = _Pace(even, slot if slot > now else fast)
            self.log.add(slot)
            slots.append(slot)
        # reservations may be given back, so they must not displace requests that were sent
        self.log.drop_until(now - REMEMBERED_PERIODS * LONG_LIMIT_FACTOR * self.estimate.quota.period)
        self.log.keep(max(self.estimate.limit, self.estimate.quota.limit) + self.log.count_after(now))
        return slots

    def record(self, now: float, uses: Iterable[SlotUse]) -> str | None:
        """Record the outcome of reserved slots; returns a log line when the estimate changed."""
        self._touch(now)
        for use in uses:
            self.log.remove(use.slot)
            if use.arrived is None:
                latest = self.log.latest(1)
                self.pace.pointer = min(self.pace.pointer, now if latest is None else latest) - self.spacing
                self.pace.even -= self.spacing
                continue
            self.log.add(use.arrived)
            if use.arrived >= self.began + self.estimate.period:
                self.began = use.arrived
            if use.served and use.arrived > self.last_refusal.refused_at:
                self._served(use.arrived)
        used = self.log.count_after(now - self.estimate.period)
        before = self.estimate.period
        note = self.estimate.quiet(now, used)
        if self.estimate.period != before:
            self.boundaries.reset(self.estimate.period)
        return note

    def refused(self, now: float, sent: float, wait: float | None = None) -> str | None:
        """Close the token after a 429 on a request that left at ``sent``.

        ``wait`` is the ``Retry-After`` in seconds, where there is one. It may prolong the wait and
        never shortens it: one that is too short would cost a second 429 in the same window. Later
        429s of requests that were in flight already do not close the token again.
        Returns a log line when the estimate changed.
        """
        self._touch(now)
        last = self.last_refusal
        if sent <= last.refused_at:
            return None
        rested = last.refused_at > 0 and sent - last.refused_at >= self.estimate.quota.period
        limit, trying, period = self.estimate.limit, self.estimate.good, self.estimate.period
        note = self.estimate.refused(now, self._fitting(now), rested, wait)
        if self.estimate.period != period:
            self.boundaries.reset(self.estimate.period)
        self.log.drop_after(now)
        switched = self.estimate.period != period and self.estimate.long
        # the limit before the raise may have held only just, so a little less is certain
        surely = max(1, trying - max(1, trying // 50)) if trying else limit if switched else 0
        asked = min(wait or 0.0, HEADER_MARGIN * LONG_LIMIT_FACTOR * self.estimate.quota.period)
        # the first sign of the longer limit may be a mistake, which must not cost an hour
        named = switched and asked > LONG_WAIT_PERIODS * period
        end = now + asked if named else max(self._end(now, surely), now + asked)
        self.closed_until = end + self.margin
        self.last_refusal = LastRefusal(now, sent)
        self.estimate.since = self.closed_until
        self.pace = self._pace_from(self.closed_until)
        self.epoch += 1
        return note

    def learn_limits(
        self, now: float, limit: int | None, remaining: int | None, reset: float | None
    ) -> str | None:
        """Obey ``X-RateLimit-*``: the limit, what is left, and in how many seconds the window ends."""
        self._touch(now)
        if reset is not None and 0 < reset <= HEADER_MARGIN * LONG_LIMIT_FACTOR * self.estimate.quota.period:
            self.boundaries.add_end(now + reset)
            if remaining == 0 and now + reset > self.closed_until:
                self.closed_until = now + reset + self.margin
                self.log.drop_after(now)
                self.pace = self._pace_from(self.closed_until)
                self.epoch += 1
        return self.estimate.take_limit(limit) if limit else None

    def current(self, now: float) -> tuple[int, float | None]:
        """Requests in the window that is open, and its end (``None`` when none is open).

        The end is where a refusal or the API put it, else a period after the first request.
        """
        end = self.closed_until if self.closed_until > now else self.began + self.estimate.period
        if now >= end:
            return 0, None
        start = min(self.began, end - self.estimate.period)
        return self.log.count_after(start - self.log.grain) - self.log.count_after(now), end

    def next_free(self, now: float) -> float:
        """Moment from which a request that must wait now may go."""
        return max(now, self._earliest())

    def adapt(self, quota: Quota, now: float, spread: bool) -> None:
        """Start a new estimate when the settings name another quota than the stored one."""
        self.spread = spread
        if quota != self.estimate.quota:
            self.estimate = LimitEstimate.of(quota, now)
            self.boundaries.reset(quota.period)
            fresh = SlidingLog(grain=max(0.001, quota.period / 5000))
            for n in range(len(self.log), 0, -1):
                fresh.add(self.log.latest(n) or now)
            self.log = fresh

    def to_data(self) -> dict[str, Any]:
        """The state as JSON-able data."""
        return {
            "version": STATE_VERSION,
            "belief": asdict(self.estimate),
            "alignment": asdict(self.boundaries),
            "grain": self.log.grain,
            "log": self.log.deltas(),
            **asdict(self.pace),
            **asdict(self.last_refusal),
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_data(cls, data: dict[str, Any], quota: Quota, now: float, spread: bool = True) -> QuotaWindow:
        """Read a stored state; one that another version wrote only closes the token for a period."""
        window = cls(quota, now, spread)
        if data.get("version") != STATE_VERSION:
            window.closed_until = now + quota.period
            return window
        estimate = dict(data["belief"])
        window.estimate = LimitEstimate(**estimate | {"quota": Quota(**estimate["quota"])})
        window.boundaries = WindowBoundaries(**data["alignment"])
        window.log = SlidingLog(data["grain"], data["log"])
        window.pace = _Pace(data["even"], data["pointer"])
        refusal = asdict(window.last_refusal)
        window.last_refusal = LastRefusal(**{name: data.get(name, refusal[name]) for name in refusal})
        for name in _PLAIN:
            setattr(window, name, data.get(name, getattr(window, name)))
        window.adapt(quota, now, spread)
        return window

    def _pace_from(self, moment: float) -> _Pace:
        """A pace whose next slot is this moment."""
        return _Pace(moment - self.spacing, moment - self._least_gap)

    @property
    def _least_gap(self) -> float:
        probe = PROBE_SHARE * self.estimate.period if self.last_refusal.is_probing else 0.0
        return max(probe, self.spacing / CATCH_UP_FACTOR)

    def _earliest(self) -> float:
        """First moment that neither a closure nor the limit forbids."""
        full = self.log.latest(self.estimate.limit)
        free = full + self.estimate.period + self.margin if full is not None else 0.0
        return max(free, self.closed_until)

    def _served(self, arrived: float) -> None:
        last = self.last_refusal
        if last.is_probing:
            # it was refused at the earliest when it left; the time of its response says nothing
            self.boundaries.served(last.refused_sent or last.refused_at, arrived)
            last.reopened = arrived
        last.served += 1

    def _fitting(self, now: float) -> int:
        """How many requests certainly fit into a window, from those served since the last refusal.

        A window that was full less than a period after a wait held all of them. Later
        they may lie in two windows, so only half of them are certain, or a little less than
        a limit that was found that way before.
        """
        limit, last = self.estimate.limit, self.last_refusal
        if not last.reopened or now - last.reopened < self.estimate.period - 2 * self.spacing:
            return last.served
        half = (min(last.served, self.log.count_after(now - self.estimate.period), limit - 1) + 1) // 2
        return half if limit == self.estimate.quota.limit else max(half, limit - max(1, limit // 8))

    def _end(self, now: float, fitting: int) -> float:
        """When the window that is full now is certainly over, if so many fit into it."""
        # if this many fit into one window, it began no later than the first of them
        known = self.log.latest(fitting)
        if known is not None and now - known < self.estimate.period:
            return known + self.estimate.period
        return self.boundaries.end(now)

    def _touch(self, now: float) -> None:
        """Shift all moments when the clock was set back, so that no wait grows by it."""
        if now < self.touched - CLOCK_STEP_SECONDS:
            back = now - self.touched
            self.log.shift(back)
            self.pace.shift(back)
            self.last_refusal.shift(back)
            self.began += back
            self.closed_until += back
            self.boundaries.reset(self.estimate.period)
            self.estimate.since += back
        self.touched = max(now, self.touched) if now > self.touched - CLOCK_STEP_SECONDS else now
