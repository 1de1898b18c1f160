"""What a report is made of: tables that say what they are and what they cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tvspiders.extras.analytics.data.columns import Floats

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    key: str
    """Name in JSON and CSV."""
    title: str
    """Name for people."""
    unit: str = ""
    """What a number counts: things, downloads, /day, %, days; empty for text and names."""
    digits: int = 0
    """Decimals shown to people; JSON and CSV hold the full value."""
    minor: bool = False
    """Left out in the terminal, where width is scarce."""


@dataclass
class Table:
    """Rows of one kind with their coverage."""

    key: str
    """Name in JSON and CSV."""
    title: str
    """Heading for people."""
    columns: tuple[Column, ...]
    rows: list[Row]
    coverage: str
    """How much of what should be known is behind the rows."""
    notes: list[str] = field(default_factory=list)
    """Rules and reservations, a line each."""
    bars: str | None = None
    """Column that a chart of bars shows."""
    lines: tuple[str, ...] = ()
    """Columns that a chart over the first column shows."""


@dataclass
class Section:
    """Tables that belong together."""

    key: str
    title: str
    tables: list[Table]


@dataclass
class Report:
    """A whole report."""

    facts: Row
    """When, from what and under which switches it was computed."""
    coverage: str
    """What the database as a whole covers."""
    sections: list[Section]


def columns(*wanted: str | Column) -> tuple[Column, ...]:
    """Columns by name from those that many tables share.

    >>> [column.unit for column in columns("thing_id", "downloads")]
    ['', 'downloads']
    """
    return tuple(_SHARED[want] if isinstance(want, str) else want for want in wanted)


def _shared(*found: Column) -> dict[str, Column]:
    return {column.key: column for column in found}


_SHARED = _shared(
    Column("rank", "#"),
    Column("thing_id", "thing"),
    Column("name", "name"),
    Column("creator", "creator"),
    Column("license", "licence"),
    Column("month", "month"),
    Column("things", "things", "things"),
    Column("downloads", "downloads", "downloads"),
    Column("likes", "likes", "likes"),
    Column("makes", "makes", "makes"),
    Column("added", "published"),
    Column("gain", "gain", "gained"),
    Column("per_day", "per day", "/day", 1),
    Column("measured", "measured", "things"),
    Column("measure", "measure"),
    Column("value", "value"),
    Column("unit", "unit"),
)


def measure(key: str, title: str, value: Any, unit: str = "") -> Row:
    """A row of a table of single measures."""
    return {"key": key, "measure": title, "value": value, "unit": unit}


PSEUDONYMS = "each person under a pseudonym; no names, addresses or free texts"
"""The note of a document with pseudonyms."""
MEASURES = (Column("key", "key"), *columns("measure", "value", "unit"))
"""Columns of a table of single measures."""


def ranked(rows: Sequence[Row]) -> list[Row]:
    """Number the rows of a ranking from 1."""
    return [{"rank": place, **row} for place, row in enumerate(rows, 1)]


def share(part: float, whole: float) -> float | None:
    """Per cent, ``None`` of nothing."""
    return 100.0 * part / whole if whole else None


def percent(part: float, whole: float) -> str:
    """Per cent in words.

    >>> percent(1, 3), percent(0, 0), percent(1999, 2000)
    ('33.3 %', 'none', '99.9 %')
    """
    if not whole:
        return "none"
    found = int(1000 * part / whole) / 10
    return f"{found} %"


def number(value: float) -> int | float | None:
    """A plain number out of numpy: whole where it is whole, ``None`` for NaN."""
    found = float(value)
    if found != found:
        return None
    return int(found) if found == int(found) else found


def total(values: Floats) -> int | float | None:
    """The sum of what is known; ``None`` where nothing is."""
    return None if np.isnan(values).all() else number(np.nansum(values))
