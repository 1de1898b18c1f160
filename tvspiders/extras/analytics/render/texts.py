"""Values as text for people."""

from __future__ import annotations

from typing import Any

from tvspiders.extras.analytics.data.tables import Column
from tvspiders.harmless import visible


def plain(value: Any, column: Column | None = None) -> str:
    """A value for people: thousands separated, decimals as the column says, nothing for unknown.

    >>> plain(1234567), plain(None), plain(3.14159, Column("x", "x", digits=2)), plain(True)
    ('1,234,567', '', '3.14', 'yes')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)) and (column is None or not is_identity(column)):
        digits = column.digits if column is not None else 0
        if column is not None and not digits and isinstance(value, float):
            digits = 2
        return f"{value:,.{digits}f}"
    if isinstance(value, list):
        return " ".join(str(part) for part in value)
    return visible(str(value))


def is_identity(column: Column) -> bool:
    """Whether the column names something, so that its numbers are not quantities."""
    return column.key.endswith("_id") or column.key in ("component", "generation", "rank")


def is_quantity(column: Column) -> bool:
    """Whether the column is set flush right."""
    return bool(column.unit) or column.key in ("rank", "value", "generation")


def is_time(column: Column) -> bool:
    """Whether the column holds moments, as ISO 8601 text."""
    return column.key in ("from", "to", "seen") or column.key.endswith("added")


def heading(column: Column) -> str:
    """The title with its unit.

    >>> heading(Column("gain", "gain", "downloads")), heading(Column("things", "things", "things"))
    ('gain [downloads]', 'things')
    """
    return f"{column.title} [{column.unit}]" if column.unit and column.unit != column.title else column.title
