"""The figures of a running crawl, and how they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tvspiders.periods import period_text


@dataclass(frozen=True)
class TokenUse:
    """One token's quota as last seen."""

    label: str
    used: int
    """Requests in the window that is open."""
    limit: int
    period: float
    """Seconds."""
    wait: float
    """Seconds until the next request may go."""
    reset: float | None
    """Seconds until the next window; ``None`` when no window is open."""
    retired: bool


@dataclass(frozen=True)
class Snapshot:
    """The crawl at one moment."""

    done: int
    """Requests answered, in all runs of this crawl."""
    known: int
    """Requests known so far, answered ones included."""
    stored: Mapping[str, int]
    """New rows of this run by kind."""
    refused: int
    """Refusals for quota (429) in this run."""
    seconds: float
    """Since this run began."""
    answered: int
    """Requests settled in this run."""
    tokens: Sequence[TokenUse]

    @property
    def left(self) -> int:
        """Known requests that are not answered."""
        return max(0, self.known - self.done)

    @property
    def per_second(self) -> float | None:
        """Requests that may be asked: what the quota allows, or what was seen if that is less."""
        allowed = sum(use.limit / use.period for use in self.tokens if not use.retired and use.period > 0)
        seen = self.answered / self.seconds if self.seconds >= 5 and self.answered >= 5 else None
        if not allowed:
            return seen
        return min(allowed, seen) if seen else allowed

    @property
    def to_finish(self) -> float | None:
        """Seconds for what is known now; more may be found on the way. ``None`` before anything is known."""
        rate = self.per_second
        return self.left / rate if rate and self.known else None


def duration(seconds: float | None) -> str:
    """``4 s``, ``3 min``, ``2 h 05 min``, ``6 d 4 h``; ``?`` when unknown."""
    if seconds is None:
        return "?"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def counted(number: int, kind: str) -> str:
    """``1 thing``, ``2 things``, ``3 categories``, ``1,000 collection members``."""
    name = kind.replace("_", " ")
    if number != 1:
        name = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{number:,} {name}"


def stored_text(stored: Mapping[str, int]) -> str:
    """What was new to the database, without the ledger's own notes about lists; empty for nothing."""
    return ", ".join(counted(number, kind) for kind, number in sorted(stored.items()) if kind != "list")


def token_text(use: TokenUse) -> str:
    """One token's quota in words."""
    if use.retired:
        return f"{use.label}: refused by the API"
    quota = f"{use.limit:,}/{period_text(use.period)}"
    reset = f", next reset in {duration(use.reset)}" if use.reset is not None else ""
    even = use.period / max(1, use.limit)
    # the moment between two evenly spread requests says nothing, nor does one that the reset shows already
    shown = use.reset is not None and abs(use.wait - use.reset) < max(1.0, even)
    wait = f", next request in {duration(use.wait)}" if use.wait > max(1.0, 2 * even) and not shown else ""
    # the API's window may lie otherwise than ours, or the limit may be found lower in the middle of one
    return f"{use.label}: {min(use.used, use.limit):,} of {quota} used{reset}{wait}"


def one_line(now: Snapshot) -> str:
    """The whole picture as one plain line."""
    stored = stored_text(now.stored)
    parts = [f"{now.done:,} of {now.known:,} known requests answered"]
    if stored:
        parts.append(f"new: {stored}")
    parts += [token_text(use) for use in now.tokens]
    if now.refused:
        parts.append(f"{now.refused:,} refused for quota")
    parts.append(f"about {duration(now.to_finish)} to finish")
    return "; ".join(parts)
