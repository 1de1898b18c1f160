"""Read the quota from responses: headers, and the words of a 429; no limit is probed by exceeding it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.headers import date, header
from tvspiders.api.values import count

DOCUMENTED = (300, 3600)
"""Seconds of a window, as two documents have it."""
NEAR = 2.0
"""Seconds by which a time may be off: headers have whole seconds, and a response takes time."""
ABSOLUTE = 1_000_000_000
"""From here on a number of seconds is a moment, not a span."""
_STATED = re.compile(r"only send (\d{1,9}) requests per (?:(\d{1,6}) )?(second|minute|hour|day)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}

Found = tuple[str, str, str, Any]
"""Answer, how sure, why, and the value for programs."""


@dataclass(frozen=True)
class _Sample:
    at: float
    limit: int
    left: int | None
    reset: float | None


@dataclass
class QuotaSigns:
    """Collects them."""

    refused: bool = False
    """Whether the limiter has refused a request."""
    stated: tuple[int, int] | None = None
    """Requests and seconds, in the limiter's words."""
    samples: list[_Sample] = field(default_factory=list)

    def note(self, answer: Answer, headers: Mapping[str, str], now: float) -> None:
        """Take what a response says about the quota."""
        if answer.verdict is Verdict.LIMITED:
            self.refused = True
        said = _STATED.search(answer.message)
        if said:
            self.stated = (int(said[1]), int(said[2] or 1) * _SECONDS[said[3]])
        limit = count(header(headers, "x-ratelimit-limit"))
        if limit is None:
            return
        sent = date(header(headers, "date") or "")
        at = sent.timestamp() if sent is not None else now
        reset = count(header(headers, "x-ratelimit-reset"))
        until = None if reset is None else float(reset) if reset >= ABSOLUTE else at + reset
        self.samples.append(_Sample(at, limit, count(header(headers, "x-ratelimit-remaining")), until))

    def findings(self) -> dict[str, Found]:
        """How large the quota is, and where its windows begin."""
        if self.stated is not None:
            window = self._window()
            return {
                "quota": (_worded(*self.stated), "seen", "in the limiter's own words", list(self.stated)),
                "window": window[1] if window else _silent(),
            }
        if not self.samples:
            return {"quota": _silent(), "window": _silent()}
        window, limit = self._window(), self.samples[-1].limit
        if window is None:
            why = "headers state the limit and not the window"
            return {
                "quota": (f"{limit:,} in a window", "seen", why, [limit, None]),
                "window": ("-", "not known", why, None),
            }
        periods, where = window
        sure = "likely" if len(periods) == 1 else "not known"
        period = periods[0] if len(periods) == 1 else None
        answer = " or ".join(_worded(limit, each) for each in periods) or f"{limit:,} in a window"
        why = "limit by header, window by when it ends" if period else "headers state the limit only"
        return {"quota": (answer, sure, why, [limit, period]), "window": where}

    def _window(self) -> tuple[list[int], Found] | None:
        """Lengths that a window may have, and where it begins."""
        timed = [sample for sample in self.samples if sample.reset is not None]
        if not timed:
            return None
        first = timed[0]
        reset = first.reset or 0.0
        gap = reset - first.at
        opened = first.left is not None and first.limit - first.left <= 1
        own = [period for period in DOCUMENTED if opened and abs(gap - period) <= NEAR]
        clock = [period for period in DOCUMENTED if gap <= period + NEAR and reset % period == 0]
        if own and not clock:
            why = "it ends one window after the first request"
            return own, ("at the first request", "likely", why, "first")
        if clock and not own:
            return clock, ("by the clock", "likely", "it ends at a round moment", "clock")
        if not own and not clock and opened:
            why = "it is as long as no document says, and was met once"
            return [], ("-", "not known", why, None)
        if not own and not clock:
            why = "it ends at no round moment"
            return [], ("at the first request", "likely", why, "first")
        why = "it ends at a round moment, one window after the first request"
        return own, ("-", "not known", why, None)


def _worded(limit: int, period: int) -> str:
    unit, size = next((u, s) for u, s in (("h", 3600), ("m", 60), ("s", 1)) if period % s == 0)
    return f"{limit:,} in {period // size} {unit}"


def _silent() -> Found:
    return "-", "not known", "no answer states it; no limit is tried out", None
