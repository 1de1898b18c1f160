"""The API's limiter: fixed windows, on the clock or from the first request."""

from __future__ import annotations

from tvspiders.policies.quota.limit import Quota


class Limiter:
    def __init__(self, quota: Quota, align: str = "first", phase: float = 0.0) -> None:
        self.quota = quota
        self.align = align
        self.phase = phase
        self.windows: dict[float, list[int]] = {}
        self._start = -1e9

    def serve(self, now: float) -> bool:
        if self.align == "clock":
            self._start = (now - self.phase) // self.quota.period
        elif now >= self._start + self.quota.period:
            self._start = now
        served, _ = window = self.windows.setdefault(self._start, [0, 0])
        good = served < self.quota.limit
        window[0 if good else 1] += 1
        return good

    @property
    def served(self) -> list[int]:
        return [window[0] for window in self.windows.values()]

    @property
    def refused(self) -> list[int]:
        return [window[1] for window in self.windows.values()]
