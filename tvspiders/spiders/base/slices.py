"""Cut a search that holds more than the site serves into slices. Pure: no requests here.

Dates first, since they part everything if they work at all (in 2025 they did not); then the
filters that part everything in two; then categories; then licences, whose codes are not all
known. What is still too large is read in each order, and the union taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any, get_args

from tvspiders.api.known_categories import KNOWN
from tvspiders.items import Item, Thing
from tvspiders.params import License, Sort

FIRST_DAY, LAST_DAY = date(2008, 1, 1), date(2040, 1, 1)
"""Between these everything was published; fixed, so that slices do not depend on today."""
DATES = "posted"
VALUES: dict[str, tuple[int | str, ...]] = {
    "is_derivative": (0, 1),
    "has_makes": (0, 1),
    "category_id": tuple(known.id for known in KNOWN.values() if known.id is not None),
    "license": get_args(License),
}
"""Filters and all their values."""
DIMENSIONS = (DATES, *VALUES)
"""What is tried, in this order."""
ORDERS: tuple[str, ...] = get_args(Sort)


@dataclass(frozen=True)
class Slice:
    """A part of a search."""

    term: str
    filters: dict[str, int | str] = field(default_factory=dict)
    """Filters of the API, those of dates included."""
    dimensions: tuple[str, ...] = DIMENSIONS
    """What may still be tried to cut it further."""
    days: tuple[str, str] | None = None
    """First and last day, once dates are known to work."""
    categories: tuple[int, ...] | None = None
    """Numbers of categories that the site names besides those that are known; ``None``: not asked."""

    def __str__(self) -> str:
        """What a search is called in the table of lists: its term and filters."""
        filters = " ".join(f"{name}={value}" for name, value in sorted(self.filters.items()))
        return f"search {self.term!r} {filters}".strip()

    @property
    def needs_categories(self) -> bool:
        """Whether the site should be asked for its categories before the search is cut."""
        return (
            self.categories is None and "category_id" in self.dimensions and "category_id" not in self.filters
        )

    def values(self, name: str) -> tuple[int | str, ...]:
        """All values of a filter."""
        more = self.categories if name == "category_id" else None
        return tuple(dict.fromkeys([*VALUES[name], *(more or ())]))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a request's JSON; :meth:`from_dict` reads it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Slice:
        """Read what :meth:`as_dict` wrote, also after a trip through JSON."""
        days, numbers = data["days"], data["categories"]
        return cls(
            data["term"],
            data["filters"],
            tuple(data["dimensions"]),
            None if days is None else tuple(days),
            None if numbers is None else tuple(numbers),
        )


@dataclass(frozen=True)
class Cut:
    """A slice in parts along one dimension."""

    dimension: str
    parts: tuple[Slice, ...]


@dataclass(frozen=True)
class Probe:
    """A dimension that is tried: whether the API applies its filter is not known yet."""

    whole: Slice
    """The slice that is cut."""
    dimension: str
    mark: str
    """Digest of the rows on the whole slice's first page."""
    rest: tuple[Slice, ...]
    """Slices along the dimension that are not requested yet."""
    before: Slice | None = None
    """A slice that proved nothing: it looked the same as the whole, or held too many of the days."""

    def works(self, part: Slice, rows: Sequence[Item], *, same: bool) -> bool:
        """Whether the first page of a slice shows that the filter is applied.

        ``same`` says that the page has the whole slice's rows.
        """
        return dates_hold(part, rows) if self.dimension == DATES else self.before is None or not same

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a request's JSON; :meth:`from_dict` reads it."""
        stored = {
            "whole": self.whole.as_dict(),
            "dimension": self.dimension,
            "mark": self.mark,
            "rest": [part.as_dict() for part in self.rest],
        }
        return stored if self.before is None else stored | {"before": self.before.as_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Probe:
        """Read what :meth:`as_dict` wrote, also after a trip through JSON."""
        before = data.get("before")
        return cls(
            Slice.from_dict(data["whole"]),
            data["dimension"],
            data["mark"],
            tuple(Slice.from_dict(part) for part in data["rest"]),
            None if before is None else Slice.from_dict(before),
        )


def cut(whole: Slice) -> Cut | None:
    """Parts of a slice along the first dimension that is left; ``None`` when none is."""
    if whole.days is not None:
        halves = _halves(whole)
        return Cut(DATES, halves) if halves else cut(replace(whole, days=None))
    for place, name in enumerate(whole.dimensions):
        left = replace(whole, dimensions=whole.dimensions[place + 1 :])
        if name == DATES and not {"posted_after", "posted_before"} & whole.filters.keys():
            dated = replace(left, days=(FIRST_DAY.isoformat(), LAST_DAY.isoformat()))
            return Cut(DATES, _halves(dated))
        if name in VALUES and name not in whole.filters:
            parts = (replace(left, filters=whole.filters | {name: value}) for value in whole.values(name))
            return Cut(name, tuple(parts))
    return None


def without(whole: Slice, dimension: str) -> Slice:
    """The slice, not to be cut along a dimension that has no effect."""
    return replace(whole, dimensions=tuple(name for name in whole.dimensions if name != dimension))


def orders(whole: Slice) -> Iterator[Slice]:
    """The slice in each order: what is read when it cannot be cut any further."""
    for sort in ORDERS:
        yield replace(whole, filters=whole.filters | {"sort": sort}, dimensions=())


def dates_hold(part: Slice, rows: Sequence[Item]) -> bool:
    """Whether the rows prove that the filter by date works; no row proves nothing."""
    if part.days is None:
        return False
    first, last = part.days
    days = [row.added[:10] if row.added else "" for row in rows if isinstance(row, Thing)]
    return bool(days) and all(_shift(first, -1) <= day <= _shift(last, 1) for day in days)


def mark(keys: Sequence[int | str]) -> str:
    """A short digest of the rows of a page, in any order."""
    return hashlib.sha256(repr(sorted(map(str, keys))).encode()).hexdigest()[:12]


def _halves(whole: Slice) -> tuple[Slice, ...]:
    """Older and newer half, overlapping by a day: whether the ends count is not documented."""
    first, last = (date.fromisoformat(day) for day in whole.days or ())
    if (last - first).days < 2:
        return ()
    middle = first + (last - first) // 2
    parts = []
    for days in ((first, middle), (middle, last)):
        after, before = (day.isoformat() for day in days)
        bounds: dict[str, int | str] = {
            "posted_after": _shift(after, -1),
            "posted_before": _shift(before, 1),
        }
        parts.append(replace(whole, filters=whole.filters | bounds, days=(after, before)))
    return tuple(parts)


def _shift(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
