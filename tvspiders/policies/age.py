"""Decide whether a page is older than what is stored, and when an older page is accepted all the same.

Caches and lagging replicas serve earlier states. Such a page is recognised by a date or a count that never
falls. Nothing else is a sign: people take likes, makes and collects back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

DATES = ("modified", "last_active")
"""Dates that never go back: when a thing was changed, when a user was active."""
GROWING = ("download_count", "view_count")
"""Counts that never fall."""
FALLING = ("name", "like_count", "make_count", "collect_count", "comment_count", "remix_count")
"""What else may differ in a cached copy that says itself that it is older."""
MAX_ATTEMPTS = 4
"""Attempts in one run before a page is left for the next."""
MAX_REGROWTH = 10
"""A count that was set back may grow between two pages by one part in so many of the difference."""
MAX_LAG = timedelta(days=1)
"""No site lags for longer: after it an agreeing page is accepted whatever others say."""


@dataclass(frozen=True)
class Page:
    """One response about one subject."""

    facts: Mapping[str, Any]
    """What it says, by the names above; ``None`` for what it does not say."""
    received_at: str
    made_at: str
    """When it was generated: earlier than received by the ``Age`` of a cache."""


class Outcome(Enum):
    """What to do with a page."""

    ACCEPT = "taken"
    """It is not older, or accepted although it is."""
    RETRY = "again"
    """Request it again, after everything else."""
    NEXT_RUN = "left"
    """Leave it for the next run."""


@dataclass(frozen=True)
class AgeDecision:
    """What to do with a page, and why."""

    outcome: Outcome
    why: str = ""


def older(page: Page, known: Mapping[str, Any], known_at: str) -> str | None:
    """Why a page is older than what is stored since ``known_at``; ``None`` if it is not.

    A page with one growing count above the stored one is not an earlier state, whatever the other count is.
    One that was received before is not called older: it arrived late, and overwrites nothing.

    >>> page = Page({"download_count": 80, "view_count": 300}, "2026-11-02", "2026-11-02")
    >>> older(page, {"download_count": 90, "view_count": 300}, "2026-11-01")
    'download_count 80, stored 90'
    """
    if page.received_at <= known_at:
        return None
    differences = _differences(page.facts, known)
    for name in DATES:
        if name in differences and differences[name][0] < differences[name][1]:
            return _words(name, *differences[name])
    grown = _growing(page.facts, known)
    if _fell(grown) and not any(name in differences for name in DATES):
        return "; ".join(_words(name, *pair) for name, pair in grown.items())
    if page.made_at < page.received_at and page.made_at < known_at:
        named = [name for name in (*GROWING, *FALLING) if name in differences]
        if named and not any(new > old for new, old in grown.values()):
            return f"a copy made at {page.made_at}, {_words(named[0], *differences[named[0]])}"
    return None


def judge(
    page: Page, known: Mapping[str, Any], known_at: str, before: Sequence[Page], attempts: int, others: bool
) -> AgeDecision:
    """What to do with a page, given the older ones that the same request got ``before``.

    ``attempts`` counts those of this run, this one included; ``others`` says whether the round met
    more pages that are older than what is stored. If the counts of a single page fell, the site has corrected
    them; if those of several fell at a time, it more likely lags.
    """
    why = older(page, known, known_at)
    if why is None:
        return AgeDecision(Outcome.ACCEPT)
    agreeing = [earlier for earlier in before if agrees(page, earlier, known)]
    if agreeing:
        first = min(earlier.received_at for earlier in agreeing)
        waited = datetime.fromisoformat(page.received_at) - datetime.fromisoformat(first)
        if not others or waited >= MAX_LAG or not _fell(_growing(page.facts, known)):
            return AgeDecision(Outcome.ACCEPT, why)
        return AgeDecision(
            Outcome.NEXT_RUN, f"{why}; so are others: believed if it says so a day after {first}"
        )
    return AgeDecision(Outcome.RETRY if attempts < MAX_ATTEMPTS else Outcome.NEXT_RUN, why)


def agrees(page: Page, before: Page, known: Mapping[str, Any]) -> bool:
    """Whether two pages, both older than what is stored, say the same.

    The second must have been generated after the first was received, or a cache may serve one copy twice.
    Counts go on growing after a correction, but by little compared with it.
    """
    if page.made_at < before.received_at or not _set_back(page.facts, known):
        return False
    for name in DATES:
        if page.facts.get(name) != before.facts.get(name):
            return False
    for name in GROWING:
        new, first, old = page.facts.get(name), before.facts.get(name), known.get(name)
        if new is None or first is None:
            continue
        if new < first or (old is not None and first < old and (new - first) * MAX_REGROWTH > old - first):
            return False
    return True


def _set_back(facts: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    differences = _differences(facts, known)
    return any(new < old for name, (new, old) in differences.items() if name in (*DATES, *GROWING))


def _fell(grown: Mapping[str, tuple[Any, Any]]) -> bool:
    """Whether counts fell and none rose, as in an earlier state."""
    return bool(grown) and all(new < old for new, old in grown.values())


def _growing(facts: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: pair for name, pair in _differences(facts, known).items() if name in GROWING}


def _differences(facts: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Served and stored value by name, where both are known and differ."""
    return {
        name: (facts[name], known[name])
        for name in facts
        if facts[name] is not None and known.get(name) is not None and facts[name] != known[name]
    }


def _words(name: str, new: Any, old: Any) -> str:
    return f"{name} {new}, stored {old}"
