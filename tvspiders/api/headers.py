"""Read the headers that matter, and say what of them is kept: ``Link``, ``total-count``, ``Retry-After`` ….

Recorded in 2025: ``link`` and ``total-count`` on lists, lower case or not.
``Retry-After`` was never seen, only obeyed if it comes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from mimetypes import MimeTypes
from urllib.parse import parse_qs, urlsplit

from tvspiders.api.values import count, identity

LONGEST_WAIT = 86_400
"""Seconds; a longer ``Retry-After`` is taken for nonsense."""

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*\w+\*?\s*=\s*(?:"[^"]*"|[^",;\s]*))*)')
_FRACTION = re.compile(r"(\d{1,9})\.(\d{1,9})", re.ASCII)
_REL = re.compile(r';\s*rel\s*=\s*"?([^";,]*)"?', re.IGNORECASE)
_FRESH = re.compile(r'(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*"?([0-9]+)')
_TYPES = frozenset(MimeTypes().types_map[True].values())
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([A-Za-z0-9_-]{1,20})', re.IGNORECASE)
_PAGING = ("first", "prev", "next", "last")


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Value of a header whatever its case."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)


def links(headers: Mapping[str, str]) -> dict[str, int | None]:
    """Pages named by ``Link``, by relation: ``{"next": 2, "first": None, "last": 2}``.

    Only the number of the page is taken: whether the other parameters are
    kept inside these addresses is not recorded. ``rel=first`` has none.
    Relations that do not page (``preload``) are left out, so ``{}`` means
    that the answer says nothing about further pages.
    """
    found: dict[str, int | None] = {}
    for address, parameters in _LINK.findall(header(headers, "link") or ""):
        relation = _REL.search(parameters)
        for name in relation[1].lower().split() if relation else ():
            if name in _PAGING:
                found.setdefault(name, _page(address))
    return found


def link_next(headers: Mapping[str, str]) -> int | None:
    """Number of the next page, by ``Link``."""
    return links(headers).get("next")


def total_count(headers: Mapping[str, str]) -> int | None:
    """Rows in the whole list, by ``total-count``."""
    return count(header(headers, "total-count"))


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> int | None:
    """Seconds to wait, from seconds or a date; ``None`` if absent, unreadable or longer than a day.

    Parts of a second count as a whole one.

    A date counts from the answer's own ``Date``, so that a wrong local clock
    does not matter, else from ``now``; a date that is over means 0.
    """
    given = (header(headers, "retry-after") or "").strip()
    if not given:
        return None
    whole = _FRACTION.fullmatch(given)
    seconds = count(whole[1]) if whole else count(given)
    if whole and seconds is not None:
        seconds += bool(whole[2].strip("0"))
    if seconds is None:
        until, sent = date(given), date(header(headers, "date") or "") or now
        if until is None or sent is None:
            return None
        seconds = max(0, int((until - sent).total_seconds()))
    return seconds if seconds <= LONGEST_WAIT else None


def max_age(headers: Mapping[str, str]) -> int:
    """Seconds for which a cache may give the same answer again, by ``Cache-Control``; at most a day."""
    given = (header(headers, "cache-control") or "").lower()
    if "no-store" in given or "no-cache" in given:
        return 0
    seconds = [count(found) or 0 for found in _FRESH.findall(given)]
    return min(max(seconds, default=0), LONGEST_WAIT)


def _page(address: str) -> int | None:
    try:
        values = parse_qs(urlsplit(address).query, max_num_fields=50).get("page")
    except ValueError:
        return None
    return identity(values[-1]) if values else None


def date(given: str) -> datetime | None:
    """A date as headers give it, in UTC; ``None`` for what is none."""
    try:
        when = parsedate_to_datetime(given)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _kept_link(value: str) -> str:
    """Relations and numbers of pages, without the addresses."""
    pages = links({"Link": value}).items()
    return ", ".join(f'<{"" if page is None else f"?page={page}"}>; rel="{name}"' for name, page in pages)


@lru_cache(maxsize=64)
def _kept_type(value: str) -> str:
    """A type that is in common use, and a charset that can be read."""
    kind, charset = value.partition(";")[0].strip().lower(), _CHARSET.search(value)
    if kind not in _TYPES:
        return ""
    try:
        return f"{kind}; charset={codecs.lookup(charset[1]).name}" if charset else kind
    except LookupError:
        return kind


def _kept_number(value: str) -> str:
    number = count(value)
    return "" if number is None else str(number)


@lru_cache(maxsize=64)
def _kept_date(value: str) -> str:
    when = date(value)
    return "" if when is None else format_datetime(when, usegmt=True)


def _kept_wait(value: str) -> str:
    value = value.strip()
    return value if _FRACTION.fullmatch(value) else _kept_number(value) or _kept_date(value)


def _kept_caching(value: str) -> str:
    given = value.lower()
    refused = [word for word in ("no-store", "no-cache") if word in given]
    return ", ".join([*refused, *(found[0].strip(", \t") for found in _FRESH.finditer(given))])


KEPT: Mapping[str, Callable[[str], str]] = {
    "Content-Type": _kept_type,
    "Link": _kept_link,
    "Total-Count": _kept_number,
    "Date": _kept_date,
    "Retry-After": _kept_wait,
    "Age": _kept_number,
    "Cache-Control": _kept_caching,
}
"""Headers that are stored with an answer, and what of each: what is read from it, in words of our own.

Nothing else of the other side's text is kept, so nothing can be hidden in it; empty text is not kept.
"""
