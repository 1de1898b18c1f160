"""The quota of a token: ``TV_QUOTA`` as a value, and the estimate of the rate limit that is in force."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tvspiders.periods import SECONDS, period_text

LONG_LIMIT_FACTOR = 12
"""Two limits are known: 300 in five minutes and 300 in an hour, a period twelve times as long."""
LONG_WAIT_PERIODS = 1.2
"""A ``Retry-After`` of so many periods is a sign of the long limit."""
MAX_PATIENCE = 64
"""Longest wait between two attempts to raise the limit, in pairs of periods."""

_TEXT = re.compile(r"\s*(\d{1,9})\s*/\s*(\d{0,6}(?:\.\d{1,3})?)\s*([smhd])\s*", re.ASCII)


@dataclass(frozen=True)
class Quota:
    """At most ``limit`` requests in each window of ``period`` seconds, for each token.

    >>> str(parse_quota("300/5m"))
    '300/5m'
    """

    limit: int
    period: float

    def __str__(self) -> str:
        return f"{self.limit}/{period_text(self.period)}"


def parse_quota(text: str) -> Quota:
    """Read ``N/period``, for example ``300/5m``, ``300/1h``, ``30/3s`` or ``300/h``.

    Raises:
        ValueError: in one line that says what is accepted.

    """
    found = _TEXT.fullmatch(text)
    if found:
        limit, period = int(found[1]), float(found[2] or 1) * SECONDS[found[3]]
        if limit >= 1 and 0.1 <= period <= 86_400:
            return Quota(limit, period)
    raise ValueError(
        f"quota {text[:40]!r} is not understood; write requests/period, for example 300/5m, 300/1h or 30/3s "
        "(at least 1 request, period from 0.1s to 1d)"
    )


@dataclass
class LimitEstimate:
    """Estimate of one token's rate limit: lowered after 429s, raised again step by step.

    The configured quota is the ceiling: it is never exceeded, except by the
    few requests that test whether the hourly limit is gone.

    >>> estimate = LimitEstimate.of(Quota(30, 3.0), now=0.0)
    >>> estimate.refused(now=1.5, served=15, rested=False)
    >>> estimate.refused(now=4.5, served=15, rested=True)
    'the API serves 15/3s on this token, not 30/3s'
    """

    quota: Quota
    limit: int
    period: float
    since: float
    """Since when there was no 429."""
    strikes: int = 0
    """429s without two quiet periods between them."""
    good: int = 0
    """Limit to return to when the raise under test meets a 429; 0 when none is under test."""
    step: int = 1
    """Size of the next raise."""
    patience: int = 1
    """Pairs of quiet periods to wait before the next raise."""
    was_long: bool = False
    """Whether the raise under test is the return from the hourly limit."""

    @classmethod
    def of(cls, quota: Quota, now: float) -> LimitEstimate:
        """The estimate before any response: what the settings say."""
        return cls(quota, quota.limit, quota.period, now)

    @property
    def long(self) -> bool:
        """Whether the hourly limit is assumed."""
        return self.period > self.quota.period

    @property
    def trying(self) -> bool:
        """Whether a raise is under test."""
        return self.good > 0

    def refused(self, now: float, served: int, rested: bool, wait: float | None = None) -> str | None:
        """Learn from a 429; returns a log line when the estimate changed.

        ``served`` counts the successes since the last 429 (or the start) that certainly
        fit into one window, ``rested`` says whether a full period lay between that 429 and the
        first request after it, ``wait`` is the ``Retry-After`` in seconds.
        """
        self.since = now
        if self.trying:
            return self._take_back()
        self.strikes += 1
        if not self.long and (
            (wait or 0.0) > LONG_WAIT_PERIODS * self.period or (self.strikes > 1 and rested and served == 0)
        ):
            return self._assume_long()
        # the first 429 may be due to earlier use of the token by others
        if self.strikes > 1 and served > 0:
            return self._set(max(1, min(served, self.limit - 1)))
        return None

    def take_limit(self, limit: int) -> str | None:
        """Take the limit that the API names (``X-RateLimit-Limit``); returns a log line when it differs."""
        wanted = max(1, min(limit, self.quota.limit))
        if self.long or wanted == self.limit:
            return None
        self.good, self.step = 0, 1
        return self._set(wanted)

    def quiet(self, now: float, used: int) -> str | None:
        """Raise the limit, or keep the raise under test, after two periods without a 429.

        They must be used to the full (``used`` requests in the last one), or they prove nothing.
        """
        if now - self.since < 2 * self.period * (1 if self.trying else self.patience):
            return None
        self.strikes = 0
        if used < self.limit - 1 - self.limit // 20:
            return None
        if self.trying:
            return self._keep(now)
        if not self.long and self.limit >= self.quota.limit:
            return None
        self.since, self.good = now, self.limit
        self.limit += self.step if self.long else min(self.step, self.quota.limit - self.limit)
        return None

    def _keep(self, now: float) -> str | None:
        self.since, self.good, self.patience, self.was_long = now, 0, 1, False
        self.step *= 2
        if self.long:
            self.good, self.was_long, self.step = self.quota.limit, True, 1
            self.limit, self.period = self.quota.limit, self.quota.period
            return f"the hourly limit seems gone; trying {self} again"
        return None

    def _take_back(self) -> str | None:
        self.limit, self.good, self.step = self.good, 0, 1
        self.patience = min(self.patience * 2, MAX_PATIENCE)
        if self.was_long:
            self.was_long = False
            return self._assume_long()
        return None

    def _assume_long(self) -> str:
        self.strikes, self.limit, self.period = 0, self.quota.limit, self.quota.period * LONG_LIMIT_FACTOR
        return f"refused beyond the window of {self.quota}; assuming the longer limit {self}"

    def _set(self, limit: int) -> str | None:
        if limit == self.limit:
            return None
        self.limit, self.step = limit, max(1, limit // 16)
        return f"the API serves {self} on this token, not {self.quota}"

    def __str__(self) -> str:
        return str(Quota(self.limit, self.period))
