"""One line of JSON at the end of a run, for monitors and schedulers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

MARK = "Health: "
"""Prefix of the line in a log."""


def health_line(facts: Mapping[str, Any]) -> str:
    """The facts as one line of JSON, in the order given."""
    return json.dumps(dict(facts), ensure_ascii=True, separators=(", ", ": "), default=_plain)


def last_health(text: str) -> dict[str, Any] | None:
    """The last such line of a log; ``None`` without one that is whole."""
    for line in reversed(text.splitlines()):
        _, mark, rest = line.partition(MARK)
        if not mark:
            continue
        try:
            found = json.loads(rest)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    raise TypeError(f"{type(value).__name__} has no place in JSON")
