"""Decide which page of a list to request next, which one a second time, or why none.

A short page is no end: the server may clamp the page size, and hidden things
are left out after paging. What ends a list is its total, a ``Link`` without
``next``, or an empty or repeated page when nothing says that there is more. Where
the pages do not add up, the oddest are requested a second time before the list is
called read (see ``second_reads``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tvspiders.api.headers import links
from tvspiders.api.lists.progress import WHOLE, Bounds, PageRead, Progress, Reread
from tvspiders.api.lists.second_reads import SHORTEST, Assessment, Finding, ReadList

WINDOW = 10_000
"""Rows of a search that can be reached; a total of 10,000 means that many or more (recorded 2021, 2025)."""

PATIENCE = 3
"""Pages in a row that may bring nothing new while the answer says that there is more."""


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
    """True when a search states 10,000 results, which means 10,000 or more."""
    finding: Finding = field(default_factory=Finding)
    """At the end: the page to request a second time before the list is read, or the unaccounted rows."""
    settled: Finding = field(default_factory=Finding)
    """The unaccounted rows if every page that is to be requested again came back the same."""

    @property
    def ended(self) -> str:
        """The reason to note: ``unproven`` where more rows may be lost than the list can show."""
        silent = self.progress.changes.total is None and self.progress.page > 1
        found = self.settled
        return "unproven" if self.complete and (silent or found.rough or found.at_least) else self.reason

    @property
    def reread(self) -> Reread | None:
        """The page to request a second time before the list is called read."""
        return None if self.finding.reread is None else Reread(*self.finding.reread, self.reason)

    @property
    def missing(self) -> int | None:
        """Rows that the total promises and that did not come; ``None`` without a total.

        May be above zero in a complete list (hidden things), and zero only means
        that the number is right: rows move while a list is read.
        """
        total = self.progress.total
        return None if total is None else max(0, total - self.progress.received)


def next_page(progress: Progress, page: PageRead, bounds: Bounds = WHOLE) -> Decision:
    """Decide what to request after the page ``progress.page``.

    >>> next_page(Progress(), PageRead([1, 2], total=3)).next_page
    2
    """
    headers, rows = page.headers, bool(page.keys)
    after = _count_in(progress, page.keys, page.stated_total, links(headers).get("last"))
    rules = _Rules(after, bounds)
    reached, step = after.page * after.size, rules.step
    if after.total is not None:
        more, ended_by = _by_total(after, step, headers, rows), "total"
    else:
        more, ended_by = _by_link(headers, after.page), "last-page"
    if more is False:
        return rules.stop("window") if rules.window else rules.stop(ended_by, complete=True)
    if after.fruitless and not more and (more is False or after.total is not None or _is_the_end(after)):
        return rules.stop("repeat" if rows else "empty", complete=True)
    if after.fruitless >= PATIENCE:
        beyond = after.total is not None and reached >= after.total
        return rules.stop(ended_by, complete=True) if beyond else rules.stop("fruitless")
    return rules.go_on()


def after_second_read(
    progress: Progress,
    reread: Reread,
    page: PageRead,
    bounds: Bounds = WHOLE,
) -> Decision:
    """Decide what to request after a page was requested a second time.

    Reading goes on where the page that had ended the list did not; else the list is weighed again.
    """
    reason, keys = reread.reason, page.keys
    history, second = progress.history.with_second_read(reread.page, keys, reread.why)
    after = replace(
        progress,
        received=progress.received + second.fresh,
        size=max(progress.size, len(keys)),
        fruitless=0 if second.fresh else progress.fruitless,
        history=history,
        changes=progress.changes.after_second_read(
            reread.page, page.stated_total, second.moved if second.fresh else 0
        ),
    )
    rules = _Rules(after, bounds)
    if second.fresh and reason in ("empty", "repeat", "fruitless"):
        if after.total is None or after.page * rules.step < after.most:
            return rules.go_on()
        reason = "total"
    return rules.stop(reason, complete=reason not in ("limit", "window", "fruitless"))


@dataclass(frozen=True)
class _Rules:
    """The end of one list: its state after a page, and how far it may be read."""

    after: Progress
    bounds: Bounds

    @property
    def step(self) -> int:
        """Rows that a page stands for."""
        return _step(self.after.size, self.bounds.per_page)

    @property
    def window(self) -> bool:
        """Whether more exists than a search serves."""
        return self.bounds.search and (self.after.total or 0) >= WINDOW

    def go_on(self) -> Decision:
        """To the next page, where it may be asked."""
        page = self.after.page
        if self.bounds.search and page * self.step >= WINDOW:
            return self.stop("window")
        if self.bounds.limit is not None and page >= self.bounds.limit:
            return self.stop("limit")
        return Decision(replace(self.after, page=page + 1), page + 1, window=self.window)

    def stop(self, reason: str, *, complete: bool = False) -> Decision:
        """The end, and what is odd about the pages that led there."""
        after, most = self.after, None
        if reason in ("limit", "window"):
            most = after.page * self.step
        if after.most >= WINDOW and after.received <= WINDOW + self.step:
            most = min(WINDOW, most or WINDOW)
        walk = ReadList(
            after.history,
            after.changes,
            after.received,
            after.page,
            self.step,
            most,
            given_up=reason == "fruitless",
            last_page=after.last_page,
        )
        finding = Assessment(walk).finding()
        settled = finding if finding.reread is None else Assessment(walk, settled=True).finding()
        return Decision(after, None, reason, complete, self.window, finding, settled)


def _count_in(
    progress: Progress, keys: Sequence[int | str], stated: int | None, last: int | None
) -> Progress:
    """State with this page counted in."""
    if stated == 0 and not keys and progress.received:
        # an empty answer with the total 0 in the middle of a list is a failure of the search, not news
        stated = None
    size = max(progress.size, len(keys))
    history, fresh = progress.history.after(progress.page, keys, size)
    again = len(set(keys)) - fresh
    if progress.page in history.repeats:
        # another page in this one's place says nothing about rows that moved
        changes = progress.changes
        again = min(again, changes.pending + max(0, (stated or 0) - (changes.total or stated or 0)))
    return replace(
        progress,
        received=progress.received + fresh,
        size=size,
        total=progress.total if stated is None else stated,
        most=max(progress.most, stated or 0),
        fruitless=0 if fresh else progress.fruitless + 1,
        last_page=last or progress.last_page,
        history=history,
        changes=progress.changes.after(progress.page, stated, again),
    )


def _is_the_end(after: Progress) -> bool:
    """Whether a page that brought nothing new ends a list that states nothing of its length.

    After a full page, or in the place of one that came long before, a single one may be odd.
    """
    if after.fruitless > 1 or after.page <= SHORTEST:
        return True
    source = after.history.repeats.get(after.page, after.page - 1)
    return source == 1 or (source == after.page - 1 and not after.history.full(source, after.size))


def _by_total(after: Progress, step: int, headers: Mapping[str, str], rows: bool) -> bool | None:
    """Whether the total promises more; ``None`` when only the next page can tell.

    Where the pages so far should have held all rows and did not, a ``Link`` decides: a short or
    empty page in the middle shifts the rest to later pages, things hidden after paging leave
    nothing there. Without a ``Link``, a page's worth of missing rows is requested.
    """
    total, linked = after.most, _by_link(headers, after.page)
    if not rows and step and after.page * step >= total + step:
        # hidden things leave the pages short of the total: an empty page where it must be over proves the end
        return linked is True
    if after.page * after.size < total:
        return True
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
    if (found.get("last") or 0) > page:
        # another page in the place of this one names a next that was read already, or none
        return True
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
