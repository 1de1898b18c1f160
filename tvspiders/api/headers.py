"""Read the headers that matter: ``Link``, ``total-count``, ``Retry-After``, ``Cache-Control``.

Recorded in 2025: ``link`` and ``total-count`` on lists, lower case or not.
``Retry-After`` was never seen, only obeyed if it comes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

from tvspiders.api.values import count, identity

LONGEST_WAIT = 86_400
"""Seconds; a longer ``Retry-After`` is taken for nonsense."""

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*\w+\*?\s*=\s*(?:"[^"]*"|[^",;\s]*))*)')
_FRACTION = re.compile(r"(\d{1,9})\.(\d{1,9})", re.ASCII)
_REL = re.compile(r';\s*rel\s*=\s*"?([^";,]*)"?', re.IGNORECASE)
_FRESH = re.compile(r'(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*"?([0-9]+)')
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
