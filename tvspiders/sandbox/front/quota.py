"""Rate limiter: requests of each token in fixed windows."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from tvspiders.sandbox.config import Quota


@dataclass(slots=True)
class Window:
    """One window of one token."""

    start: float
    answered: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The limiter's decision about one request."""

    admitted: bool
    limit: int
    remaining: int
    reset: float
    """When the window ends, in the clock's seconds."""


class Limiter:
    """Counts requests by token. Times are given, never read. Any thread may look while another counts.

    >>> limiter = Limiter(Quota(1, 60.0), align="first")
    >>> limiter.admit("a", 5.0).admitted, limiter.admit("a", 6.0).admitted, limiter.admit("a", 65.0).admitted
    (True, False, True)
    """

    def __init__(self, quota: Quota | None, *, align: str, by_token: dict[str, Quota] | None = None) -> None:
        self.quota = quota
        self.align = align
        self.by_token: dict[str, Quota | None] = dict(by_token or {})
        self._windows: dict[str, deque[Window]] = {}
        self._lock = threading.Lock()

    def quota_of(self, token: str) -> Quota | None:
        """The quota that holds for a token."""
        return self.by_token.get(token, self.quota)

    def admit(self, token: str, now: float) -> Verdict | None:
        """Count a request; None when the token has no limit."""
        quota = self.quota_of(token)
        if quota is None:
            return None
        with self._lock:
            windows = self._windows.setdefault(token, deque(maxlen=1000))
            if self.align == "clock":
                start = now - now % quota.period
                if not windows or windows[-1].start != start:
                    windows.append(Window(start))
            elif not windows or not 0 <= now - windows[-1].start < quota.period:
                windows.append(Window(now))
            window = windows[-1]
            admitted = window.answered < quota.limit
            if admitted:
                window.answered += 1
            else:
                window.refused += 1
            return Verdict(admitted, quota.limit, quota.limit - window.answered, window.start + quota.period)

    def windows(self, token: str) -> list[dict[str, Any]]:
        """The last thousand windows of a token."""
        return [
            {"start": each.start, "answered": each.answered, "refused": each.refused}
            for each in self._kept(token)
        ]

    def most_refused(self, token: str) -> int:
        """The most refusals in one window."""
        return max((window.refused for window in self._kept(token)), default=0)

    def while_closed(self, token: str) -> int:
        """Requests sent after the window had refused one."""
        return sum(max(0, window.refused - 1) for window in self._kept(token))

    def reset(self) -> None:
        """Forget all windows."""
        with self._lock:
            self._windows.clear()

    def _kept(self, token: str) -> list[Window]:
        with self._lock:
            return list(self._windows.get(token, ()))
