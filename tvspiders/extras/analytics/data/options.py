"""Options of a report, checked before the database is read."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tvspiders.errors import UsageProblem
from tvspiders.storage.people.pseudonyms import Pseudonyms

SECTIONS = ("influence", "structure", "trends", "categories", "tags", "creators", "licences")
"""The parts of a report, in the order of the document."""
METRICS = {"downloads": "download_count", "likes": "like_count", "makes": "make_count"}
"""What a trend can be about."""
KINDS = ("thing", "creator", "category", "tag")
"""What a trend can be summed by."""
ORDERS = ("descendants", "direct")
"""What the ranking of influence can be by."""
LATEST = "9999-12-31"


@dataclass(frozen=True)
class NetworkOptions:
    """What the network of the HTML report shows."""

    root: int | None = None
    """Only the weak component of this thing."""
    most: int = 5000
    """Most things shown."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The switches of a report; the defaults leave nothing out."""

    sections: tuple[str, ...] = SECTIONS
    """Parts to compute."""
    days: int = 7
    """Length of the trend window."""
    top: int = 20
    """Rows of a ranking."""
    metric: str = "downloads"
    """Count that trends are about."""
    by: tuple[str, ...] = KINDS
    """Rankings of trends to compute."""
    min_base: int = 20
    """Least count at the start of an interval for growth in per cent and for acceleration."""
    decay: float = 0.5
    """Weight of one generation in the decay-weighted reach."""
    order: str = "descendants"
    """What things are ranked by in the section influence."""
    min_remixes: int = 0
    """Least number of remixes, stated or observed, of a thing in the section influence."""
    self_remixes: bool = True
    """Whether remixes of a creator's own things count."""
    customizer: bool = True
    """Whether things made by the Customizer count."""
    creator: str | None = None
    """Login name of the creator whose profile is wanted."""
    as_of: str | None = None
    """Only what was known before this moment (exclusive, ISO 8601 text in UTC)."""
    as_of_given: str | None = None
    """The date as the user wrote it."""
    pseudonyms: Pseudonyms | None = None
    """Pseudonyms of persons; ``None`` names them."""

    def __post_init__(self) -> None:
        for name in self.sections:
            _one_of("section", name, SECTIONS)
        for name in self.by:
            _one_of("--by", name, KINDS)
        _one_of("--metric", self.metric, METRICS)
        _one_of("--order", self.order, ORDERS)
        _between("--min-remixes", self.min_remixes, 0, 10**9)
        _between("--days", self.days, 1, 3660)
        _between("--top", self.top, 1, 100_000)
        _between("--min-base", self.min_base, 0, 10**9)
        _between("--decay", self.decay, 0.01, 1)

    @property
    def heading(self) -> str:
        """Which remixes count, in words, for the headings of tables."""
        own = "included" if self.self_remixes else "left out"
        made = "included" if self.customizer else "left out"
        return f"remixes of own things {own}, Customizer output {made}"


def moment_after(text: str) -> str:
    """The end of what ``--as-of`` means, in UTC: the day after a date, the moment itself with a time.

    >>> moment_after("2026-11-08"), moment_after("2026-11-08T06:00:00+02:00")
    ('2026-11-09', '2026-11-08T04:00:00.001')

    Raises ``UsageProblem`` for anything else.
    """
    try:
        with suppress(ValueError):
            return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        return (found.replace(tzinfo=None) + timedelta(milliseconds=1)).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        raise UsageProblem(
            f"--as-of {text!r} is not a date; accepted: 2026-11-08, or 2026-11-08T06:00:00+00:00"
        ) from None


def _one_of(name: str, value: str, accepted: Collection[str]) -> None:
    if value not in accepted:
        raise UsageProblem(f"{name} {value!r} is not accepted; accepted: {', '.join(accepted)}")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UsageProblem(f"{name} {value} is not accepted; accepted: {low} to {high}")
