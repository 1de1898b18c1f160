"""Decide which pages of a list are requested a second time, and how many rows stay unaccounted for.

Only what the list itself says counts: its total, its ``Link``, full neighbours, rows that come again.
What the page of its subject states is another matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tvspiders.api.lists.page_history import Page, PageHistory, SecondRead
from tvspiders.api.lists.total_changes import TotalChanges

EMPTY, REPEATED, FAR, BOUNDARY, SOURCE, NEIGHBOUR, SHORT, TOP = (
    "empty",
    "repeated",
    "far shorter",
    "boundary",
    "out of order",
    "neighbour",
    "short",
    "top",
)
"""Why a page is requested a second time: it brought nothing; nothing but known rows; far fewer than its
like; the total fell after it; its rows came again later; the page beside it was mended; it is short;
rows rose above what was read. Requested in this order."""
SHARE = 0.3
"""Pages asked beyond the least, as a share of these."""
SHORTEST = 5
"""Pages from which on a list's short pages are requested again; a shorter list's are counted as they are."""

LIKE, LIKE_SHARE = 3, 0.1
"""Pages, and share of all, that must be about as short before less than half a page is explained."""


@dataclass(frozen=True)
class ReadList:
    """A list as it was read up to its end."""

    history: PageHistory
    changes: TotalChanges
    received: int
    page: int
    """Last page asked."""
    step: int
    """Rows of a full page."""
    most: int | None = None
    """Rows that may be asked of it: of a search 10,000, or fewer where the user wanted so many pages."""
    given_up: bool = False
    """Whether it was not read to its end, since page after page brought nothing."""
    last_page: int | None = None
    """Its last page, by ``Link``."""


@dataclass(frozen=True)
class Finding:
    """What follows from an assessment."""

    reread: tuple[int, str] | None = None
    """Page to ask once more, and why."""
    unaccounted: int = 0
    """Rows unaccounted for."""
    at_least: bool = False
    """Whether more may be: the list states no total, or rows moved while it was read."""
    not_served: int = 0
    """Places that the site does not fill: things that it hides."""
    rough: bool = False
    """Whether the total is too rough to show a row that was lost."""
    digest: str = ""
    """Equal while the same pages do not add up."""


class Assessment:
    """One list assessed; ``settled`` takes each page not requested again as if it had come back the same."""

    def __init__(self, walk: ReadList, *, settled: bool = False) -> None:
        self.walk = walk
        self.settled = settled
        self.pages = {page.number: page for page in walk.history.each()}
        self.second_reads: dict[int, SecondRead] = {read.page: read for read in walk.history.second_reads}

    def finding(self) -> Finding:
        """The page to request again next, or how many rows are unaccounted for."""
        open_drops = 0 if self.settled else self.open_drops
        given_up = self.walk.given_up and self.owed is None
        if self.gap <= 0 and not open_drops and not given_up:
            return Finding()
        if not self.settled and len(self.second_reads) < self._budget:
            reread = next(self._candidates(), None)
            if reread is not None:
                return Finding(reread)
        unaccounted = max(int(given_up), self.gap - self.explained, open_drops)
        served = max(0, min(self.explained, self.gap))
        rough = 0 < unaccounted <= self.walk.changes.rough and not open_drops and not any(self._worst())
        if rough:
            unaccounted = 0
        at_least = unaccounted > 0 and (self.owed is None or self.walk.changes.moved)
        return Finding(None, unaccounted, at_least, served, rough, self._digest() if unaccounted else "")

    # -- how much is missing -----------------------------------------------------------------------

    @cached_property
    def owed(self) -> int | None:
        """Rows that must have been met; ``None`` where nothing states a number."""
        changes, walk = self.walk.changes, self.walk
        if changes.total is None:
            return None
        gone, repeats = 0, walk.history.repeats
        crossed = {*repeats, *repeats.values()}
        for page, read in self.second_reads.items():
            if read.why == BOUNDARY and read.rows >= walk.step and page not in crossed:
                gone += max(0, self._drops.get(page, 0) - read.fresh)
        # a page that was mended may show what came in meanwhile in the place of what it held before, unless
        # rows of the page above it have moved onto it: then all that came in is above these
        new = sum(
            min(read.fresh, changes.inserted_since(page))
            for page, read in self.second_reads.items()
            if not read.moved and read.why != NEIGHBOUR
        )
        new += sum(self._came_in(page, source) for page, source in repeats.items())
        owed = changes.owed - gone + new
        return owed if walk.most is None else min(owed, walk.most - changes.inserted)

    def _came_in(self, page: int, source: int) -> int:
        """Rows that came in since ``source`` was read, and show on ``page``, where it was served again."""
        if source in self.second_reads and not self.second_reads[source].same:
            return 0  # it was the source that was odd
        changes, again = self.walk.changes, self.second_reads.get(page)
        since = changes.inserted_since(source + 1)
        if again is None:
            since -= changes.inserted_since(page + 1)
        mended = again.fresh if again is not None and 2 * again.fresh > again.rows else 0
        return min(self.pages[page].fresh - mended, since)

    @property
    def _places(self) -> int:
        """Rows that the list's pages have place for."""
        total, most = self.walk.changes.total or 0, self.walk.most
        return total if most is None else min(total, most)

    @cached_property
    def gap(self) -> int:
        """Rows that were not met."""
        if self.owed is not None:
            return self.owed - self.walk.received
        pages, never_read = (self.walk.last_page or 0) - self.walk.page, 0
        if self.walk.given_up and pages > 0:
            never_read = (pages - 1) * self.walk.step + 1
        return never_read + sum(self._expected(page) - page.fresh for page in self.pages.values())

    @cached_property
    def open_drops(self) -> int:
        """Rows by which the total fell after pages that were not requested again."""
        return sum(rows for page, rows in self._drops.items() if page not in self.second_reads)

    @cached_property
    def _drops(self) -> dict[int, int]:
        drops: dict[int, int] = {}
        for drop in self.walk.changes.drops:
            drops[drop.page] = drops.get(drop.page, 0) + drop.rows
        return drops

    @cached_property
    def _last(self) -> int:
        """The last page with rows."""
        return max((page.number for page in self.pages.values() if page.rows), default=0)

    def _expected(self, page: Page) -> int:
        """Rows that a page should have brought."""
        step = self.walk.step
        if self.owed is None and page.number == self.walk.last_page:
            return max(int(page.number > 1), page.fresh)
        if self.owed is None:
            elsewhere = self.walk.history.repeats.get(page.number, page.number - 1) != page.number - 1
            return step if page.number < self._last or elsewhere else page.fresh
        before = (page.number - 1) * step
        return min(step, max(0, self._places - before))

    def _short(self, page: Page) -> int:
        return self._expected(page) - page.rows

    # -- what explains it --------------------------------------------------------------------------

    @cached_property
    def explained(self) -> int:
        """Places of short pages that are short for good."""
        return sum(max(0, self._short(page)) for page in self._own if self._short(page) <= self._level)

    @cached_property
    def _own(self) -> list[Page]:
        """Pages with rows of their own, not with those of another page."""
        return [page for page in self.pages.values() if page.number not in self.walk.history.repeats]

    @cached_property
    def _level(self) -> int:
        """So short a page may be and is explained: it came back the same, or others like it did."""
        half = self.walk.step // 2
        if self.walk.page < SHORTEST:
            return half
        level = half if self.settled else 0
        for page in self._own:
            read = self.second_reads.get(page.number)
            same = self.settled if read is None else read.same
            if same and page.rows and (self._short(page) <= half or self._has_like(page)):
                level = max(level, self._short(page))
        return level

    def _has_like(self, page: Page) -> bool:
        """Whether enough others are about as short."""
        short = self._short(page)
        like = sum(2 * self._short(other) >= short for other in self._own if other.rows)
        return like > max(LIKE, self.walk.page * LIKE_SHARE)

    # -- what is requested again --------------------------------------------------------------------

    @property
    def _budget(self) -> int:
        # rows that came in meanwhile, and shifted the others down, are not among the least there is to read
        walk = self.walk
        rows = walk.received if self.owed is None else self._places - walk.changes.inserted
        least = max(1, -(-rows // max(1, walk.step)))
        return max(1, int(SHARE * least) - max(0, walk.page - least))

    def _candidates(self) -> Iterator[tuple[int, str]]:
        if self.gap > 0:
            yield from self._worst()
        for page, rows in sorted(self._drops.items(), key=lambda drop: (-drop[1], -drop[0])):
            if rows and page not in self.second_reads:
                yield page, BOUNDARY
        if self.gap - self.explained <= 0:
            return
        for page, source in self.walk.history.repeats.items():
            if (
                page in self.second_reads
                and source not in self.second_reads
                and not self.second_reads[page].fresh
            ):
                yield source, SOURCE
        mended = [
            read.page
            for read in self.second_reads.values()
            if read.why != BOUNDARY and (read.fresh or (read.moved and self.walk.changes.inserted))
        ]
        for page in mended:
            for beside in (page + 1, page - 1) if self.walk.changes.inserted else (page - 1, page + 1):
                if beside in self.pages and beside not in self.second_reads:
                    yield beside, NEIGHBOUR
        short = [page for page in self._unseen() if self._short(page) > max(0, self._level)]
        if self.walk.page >= SHORTEST:
            for each in sorted(short, key=self._short, reverse=True):
                yield each.number, SHORT
        if self.walk.changes.slid and 1 in self.pages and 1 not in self.second_reads:
            yield 1, TOP

    def _worst(self) -> Iterator[tuple[int, str]]:
        """Pages that no thing that is hidden explains, unless they come back the same and have their like."""
        half = self.walk.step / 2
        unseen = list(self._unseen())
        for page in unseen:
            if not page.rows and self._expected(page) > half:
                yield page.number, EMPTY
        for page in unseen:
            if page.number in self.walk.history.repeats and self._expected(page) > page.fresh:
                yield page.number, REPEATED
        far = [page for page in unseen if page.rows and self._short(page) > max(half, self._level)]
        for page in sorted(far, key=lambda page: page.rows):
            yield page.number, FAR

    def _unseen(self) -> Iterator[Page]:
        return (page for number, page in self.pages.items() if number not in self.second_reads)

    def _digest(self) -> str:
        """Of the pages that nothing explains, with what is known of their rows."""
        odd = [
            f"{number}={self.walk.history.pages[number]}"
            for number, page in self.pages.items()
            if self._expected(page) - page.fresh > self._level
        ]
        return hashlib.sha256("|".join(odd).encode()).hexdigest()[:12]
