"""Whether a page is older than what is stored, and when that is believed all the same.

Caches and lagging replicas of a site answer with what was true before. Such a page gives itself away by a
date or a count that never falls. Nothing else counts: likes, makes and collects are taken back by people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

DATES = ("modified", "last_active")
"""When the site says that a thing was changed, and a user active: never earlier than it was."""
GROWING = ("download_count", "view_count")
"""Counts that never fall."""
FALLING = ("name", "like_count", "make_count", "collect_count", "comment_count", "remix_count")
"""What else tells a copy from what is stored, once the copy itself says that it is the older one."""
LOOKS = 4
"""How often a page is asked at most in one run before it is left for the next."""
DRIFT = 10
"""A count that was set back may have grown by this part of the difference between two looks."""
PATIENCE = timedelta(days=1)
"""No site lags for so long: after it an agreeing answer is believed whatever others say."""


@dataclass(frozen=True)
class Page:
    """One answer about one subject."""

    facts: Mapping[str, Any]
    """What it says, by the names above; ``None`` for what it does not say."""
    received_at: str
    made_at: str
    """When it was made: earlier than received by the ``Age`` that a cache told."""


class Outcome(Enum):
    """What becomes of a page."""

    TAKEN = "taken"
    """It is not older, or its age is believed."""
    AGAIN = "again"
    """It is asked again, last of all."""
    LEFT = "left"
    """It is left for the next run."""


@dataclass(frozen=True)
class Judgement:
    """What becomes of a page, and why."""

    outcome: Outcome
    why: str = ""


def older(said: Page, known: Mapping[str, Any], known_at: str) -> str | None:
    """Why a page is older than what is stored since ``known_at``; ``None`` if it is not.

    A page with one growing count above the stored one is no copy of an earlier time, whatever the other is.
    One that was received before is not called older: it came late, and overwrites nothing.

    >>> page = Page({"download_count": 80, "view_count": 300}, "2026-11-02", "2026-11-02")
    >>> older(page, {"download_count": 90, "view_count": 300}, "2026-11-01")
    'download_count 80, stored 90'
    """
    if said.received_at <= known_at:
        return None
    differences = _differences(said.facts, known)
    for name in DATES:
        if name in differences and differences[name][0] < differences[name][1]:
            return _words(name, *differences[name])
    grown = _growing(said.facts, known)
    if _fell(grown) and not any(name in differences for name in DATES):
        return "; ".join(_words(name, *pair) for name, pair in grown.items())
    if said.made_at < said.received_at and said.made_at < known_at:
        named = [name for name in (*GROWING, *FALLING) if name in differences]
        if named and not any(new > old for new, old in grown.values()):
            return f"a copy made at {said.made_at}, {_words(named[0], *differences[named[0]])}"
    return None


def judge(
    said: Page, known: Mapping[str, Any], known_at: str, before: Sequence[Page], attempts: int, others: bool
) -> Judgement:
    """What becomes of a page, given the older ones that the same request brought ``before``.

    ``attempts`` counts the tries of this run, this one included; ``others`` says whether the round met
    further pages that are older than what is stored. A page alone whose counts fell was corrected by
    the site; of several at a time it is more likely that the site lags.
    """
    why = older(said, known, known_at)
    if why is None:
        return Judgement(Outcome.TAKEN)
    agreeing = [page for page in before if agrees(said, page, known)]
    if agreeing:
        first = min(page.received_at for page in agreeing)
        waited = datetime.fromisoformat(said.received_at) - datetime.fromisoformat(first)
        if not others or waited >= PATIENCE or not _fell(_growing(said.facts, known)):
            return Judgement(Outcome.TAKEN, why)
        return Judgement(Outcome.LEFT, f"{why}; so are others: believed if it says so a day after {first}")
    return Judgement(Outcome.AGAIN if attempts < LOOKS else Outcome.LEFT, why)


def agrees(said: Page, before: Page, known: Mapping[str, Any]) -> bool:
    """Whether two pages, both older than what is stored, tell the same.

    The second must have been made after the first came, or a cache may have given one copy twice.
    Counts go on growing while the site corrects them, but by little against what they were set back.
    """
    if said.made_at < before.received_at or not _set_back(said.facts, known):
        return False
    for name in DATES:
        if said.facts.get(name) != before.facts.get(name):
            return False
    for name in GROWING:
        new, first, old = said.facts.get(name), before.facts.get(name), known.get(name)
        if new is None or first is None:
            continue
        if new < first or (old is not None and first < old and (new - first) * DRIFT > old - first):
            return False
    return True


def _set_back(facts: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    differences = _differences(facts, known)
    return any(new < old for name, (new, old) in differences.items() if name in (*DATES, *GROWING))


def _fell(grown: Mapping[str, tuple[Any, Any]]) -> bool:
    """Whether counts fell and none rose, as in a copy of an earlier time."""
    return bool(grown) and all(new < old for new, old in grown.values())


def _growing(facts: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: pair for name, pair in _differences(facts, known).items() if name in GROWING}


def _differences(facts: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Said and stored, by name, where both are known and differ."""
    return {
        name: (facts[name], known[name])
        for name in facts
        if facts[name] is not None and known.get(name) is not None and facts[name] != known[name]
    }


def _words(name: str, new: Any, old: Any) -> str:
    return f"{name} {new}, stored {old}"
