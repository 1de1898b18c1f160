"""Convert the API's loose values into strict ones.

The API spells the same value in several ways: counts arrived as numeric text
in 2020, flags as true/false until 2020 and 0/1 since 2021, empty maps as
``[]``. No function here raises: what cannot be understood becomes ``None``,
which means *the answer did not say*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

LARGEST = 2**63 - 1
"""Largest whole number that SQLite and PostgreSQL (bigint) hold."""

KEY_LENGTH = 255
"""Longest text used as (part of) a key: two of them fit into one PostgreSQL index row (2,704 bytes)."""

_WHOLE = re.compile(r"[ \t\r\n]*(-?[0-9]{1,19})[ \t\r\n]*", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MOMENT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?"
    r" ?(Z|z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_EPOCH = {9: 1, 10: 1, 12: 1000, 13: 1000}


def integer(value: object) -> int | None:
    """Whole number: an int, ASCII digits with blanks around, or a float without a fraction.

    ``True`` is no number, nor are ``"７６３"``, ``"1_000"``, ``"1,000"`` and ``2.5``.

    >>> integer(" 763622 "), integer("1_000"), integer(True)
    (763622, None, None)
    """
    if type(value) is int:
        return value
    if isinstance(value, str):
        found = _WHOLE.fullmatch(value)
        return int(found[1]) if found else None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return None


def identity(value: object) -> int | None:
    """Number of a thing, user, make …: 1 to 2**63-1. Zero means *none* in the API (``app_id`` 0)."""
    number = integer(value)
    return number if number is not None and 1 <= number <= LARGEST else None


def count(value: object) -> int | None:
    """Number of things counted: 0 to 2**63-1; ``None`` for anything else, negative numbers included."""
    number = integer(value)
    return number if number is not None and 0 <= number <= LARGEST else None


def flag(value: object) -> bool | None:
    """Yes or no from true/false, 0/1 or ``"0"``/``"1"``; ``None`` for null and the rest."""
    if isinstance(value, bool):
        return value
    if type(value) is int and value in (0, 1):
        return value == 1
    if isinstance(value, str) and value in ("0", "1"):
        return value == "1"
    return None


def text(value: object) -> str | None:
    """Text that SQLite, PostgreSQL and a UTF-8 feed all store and read the same.

    NUL (refused by PostgreSQL) and lone surrogates (refused by UTF-8) become
    U+FFFD. A number is taken as its digits, since a name like ``2019`` may
    come unquoted; other types are ``None``. Blanks and empty text stay.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if type(value) in (int, float):
        return str(value)
    return None


def label(value: object) -> str | None:
    """Text that can be a key (user name, tag, slug, file name): not blank, at most 255 characters."""
    found = text(value)
    return found if found and found.strip() and len(found) <= KEY_LENGTH else None


def link(value: object) -> str | None:
    """Web address: text that starts with ``http://`` or ``https://``, so a report may link to it."""
    found = text(value)
    return found if found and found[:8].lower().startswith(("http://", "https://")) else None


def moment(value: object) -> str | None:
    """Instant as ``YYYY-MM-DDTHH:MM:SS+00:00``, or ``None``.

    Accepts ISO 8601 with or without zone, ``YYYY-MM-DD HH:MM:SS`` (files) and
    a bare date; without a zone UTC is meant. Fractions of a second are cut.
    Numbers of 9 or 10 digits are seconds since 1970, of 12 or 13 digits
    milliseconds (1973 to 2286). ``-001-11-30T00:00:00+00:00`` (recorded 2022)
    is ``None``, years 1 to 9999 are kept.
    """
    number = integer(value)
    if number is not None:
        unit = _EPOCH.get(len(str(number))) if number > 0 else None
        return _utc(datetime.fromtimestamp(number // unit, UTC)) if unit else None
    found = _MOMENT.fullmatch(value.strip(" \t\r\n")) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        zone = _zone(found[7])
        parts = (int(part or 0) for part in found.groups()[:6])
        return _utc(datetime(*parts, tzinfo=zone))  # type: ignore[arg-type, misc]
    except (ValueError, OverflowError):  # the 30th of February; year 1 moved before itself
        return None


def _zone(name: str | None) -> timezone:
    if name is None or name in "Zz":
        return UTC
    hours, minutes = int(name[1:3]), int(name[-2:])
    if minutes > 59:
        raise ValueError(name)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if name[0] == "-" else offset)


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds")


def rows(value: object) -> list[Any] | None:
    """List from a list, null or ``{}`` (an empty PHP list may come as a map); ``None`` if it is no list."""
    if isinstance(value, list):
        return value
    return [] if value is None or value == {} else None


def mapping(value: object) -> Mapping[str, Any] | None:
    """Map from a map or ``[]`` (an empty PHP map comes as a list); ``None`` for null and the rest."""
    if isinstance(value, dict):
        return value
    return {} if value == [] else None
