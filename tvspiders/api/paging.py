"""Which page comes next, or why there is none.

A short page is no end: the server may clamp the page size, and hidden things
are left out after paging. What ends a list is its total, a ``Link`` without
``next``, or an empty or repeated page when nothing says that there is more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tvspiders.api.headers import links, total_count
from tvspiders.api.urls import PER_PAGE

WINDOW = 10_000
"""Rows of a search that can be reached; a total of 10,000 means that many or more (recorded 2021, 2025)."""

PATIENCE = 3
"""Pages in a row that may bring nothing new while the answer says that there is more."""

_MARKS = 50


@dataclass(frozen=True)
class Progress:
    """What one page leaves to the next; small, and JSON-able by ``as_dict``."""

    page: int = 1
    """The page that is asked for now."""
    received: int = 0
    """Rows received so far, without those that the page before had brought already."""
    size: int = 0
    """Most rows seen on one page."""
    total: int | None = None
    """Rows in the whole list, as told last."""
    most: int = 0
    """Rows in the whole list, as told at most: totals that move must not end a list early."""
    fruitless: int = 0
    """Pages in a row that brought nothing new."""
    previous: tuple[int | str, ...] = ()
    """Keys of the rows on the page before."""
    marks: tuple[str, ...] = field(default=())
    """Digests of the first page and of the latest ones, to recognise a page that comes again."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a request's JSON; :meth:`from_dict` reads it."""
        return asdict(self) | {"previous": list(self.previous), "marks": list(self.marks)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Progress:
        """Read what :meth:`as_dict` wrote, also after a trip through JSON."""
        return cls(**dict(data) | {"previous": tuple(data["previous"]), "marks": tuple(data["marks"])})


@dataclass(frozen=True)
class Decision:
    """What to do after a page."""

    progress: Progress
    """State after the page; its ``page`` is the next one when there is one."""
    next_page: int | None
    """Page to ask for, or ``None``."""
    reason: str = ""
    """Why there is none: ``total``, ``last-page``, ``empty``, ``repeat``, ``limit``, ``window`` or
    ``fruitless``."""
    complete: bool = False
    """True when the list ended by itself; false after ``limit``, ``window`` and ``fruitless``, and
    while there is a next page."""
    window: bool = False
    """True when a search tells 10,000 results, which means 10,000 or more."""

    @property
    def missing(self) -> int | None:
        """Rows that the total promises and that did not come; ``None`` without a total.

        May be above zero in a complete list (hidden things), and zero only means
        that the number is right: rows move while a list is read.
        """
        total = self.progress.total
        return None if total is None else max(0, total - self.progress.received)


def next_page(
    progress: Progress,
    keys: Sequence[int | str],
    total: int | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    per_page: int = PER_PAGE,
    limit: int | None = None,
    search: bool = False,
) -> Decision:
    """Decide after the page ``progress.page`` has brought the rows with these ``keys``.

    ``total`` is the envelope's; without one, the header ``total-count`` counts.
    ``limit`` is the last page the user wants, ``search`` says that the window
    of 10,000 results applies.

    >>> next_page(Progress(), [1, 2], total=3).next_page
    2
    """
    headers = headers or {}
    told = total if total is not None else total_count(headers)
    after = _count_in(progress, keys, told)
    window = search and (after.total or 0) >= WINDOW

    def stop(reason: str, *, complete: bool = False) -> Decision:
        return Decision(after, None, reason, complete, window)

    reached, step = after.page * after.size, _step(after.size, per_page)
    if after.total is not None:
        more, ended_by = _by_total(after, step, headers, bool(keys)), "total"
    else:
        more, ended_by = _by_link(headers, after.page), "last-page"
    if more is False:
        return stop("window") if window else stop(ended_by, complete=True)
    if after.fruitless and not more:
        return stop("repeat" if keys else "empty", complete=True)
    if after.fruitless >= PATIENCE:
        beyond = after.total is not None and reached >= after.total
        return stop(ended_by, complete=True) if beyond else stop("fruitless")
    if search and after.page * step >= WINDOW:
        return stop("window")
    if limit is not None and after.page >= limit:
        return stop("limit")
    page = after.page + 1
    return Decision(replace(after, page=page), page, window=window)


def _count_in(progress: Progress, keys: Sequence[int | str], told: int | None) -> Progress:
    """State with this page counted in."""
    if told is None or (told == 0 and not keys and progress.received):
        # an empty answer with the total 0 in the middle of a list is a failure of the search, not news
        told = progress.total
    mark = hashlib.sha256(repr(sorted(map(str, keys))).encode()).hexdigest()[:8]
    seen = set(progress.previous)
    fresh = 0 if mark in progress.marks else len(set(keys) - seen)
    return replace(
        progress,
        received=progress.received + fresh,
        size=max(progress.size, len(keys)),
        total=told,
        most=max(progress.most, told or 0),
        fruitless=0 if fresh else progress.fruitless + 1,
        previous=tuple(keys) if keys else progress.previous,
        marks=progress.marks if not keys else (*progress.marks[:1], *progress.marks[1:][-_MARKS:], mark),
    )


def _by_total(after: Progress, step: int, headers: Mapping[str, str], rows: bool) -> bool | None:
    """Whether the total promises more; ``None`` when only the next page can tell.

    Where the pages so far should have held all rows and did not, a ``Link`` decides: a short or
    empty page in the middle shifts the rest to later pages, things hidden after paging leave
    nothing there. Without a ``Link``, a page's worth of missing rows is looked for.
    """
    total, linked = after.most, _by_link(headers, after.page)
    if after.page * after.size < total:
        # hidden things leave the pages short of the total: an empty page where it must be over proves the end
        over = not rows and after.page * step >= total + step
        return not over or linked is True
    if after.received >= total or linked is not None:
        return linked is True
    if after.size and total - after.received >= after.size:
        return True
    return None if rows else False


def _by_link(headers: Mapping[str, str], page: int) -> bool | None:
    """Whether ``Link`` names a page after this one; ``None`` when it says nothing, or nonsense."""
    found = links(headers)
    if not found:
        return None
    if "next" not in found:
        return False
    named = found["next"]
    return True if named is None or named > page else None


def _step(size: int, per_page: int) -> int:
    """Rows that a page stands for in the window.

    Pages a little short of what was asked lost hidden things after paging and
    still stand for ``per_page`` rows; much shorter ones mean that the server
    goes by its own size.
    """
    return size if 3 * size <= 2 * per_page else max(size, per_page)
