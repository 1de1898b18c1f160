"""Base class of spiders that search; searches with more hits than the site serves are cut into slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import parsing, things, urls
from tvspiders.api.lists import paging
from tvspiders.api.lists.paging import WINDOW, Decision
from tvspiders.api.lists.progress import PageRead, Progress
from tvspiders.api.lists.rows import Listing
from tvspiders.items import Category, ListRead
from tvspiders.spiders.base import slices
from tvspiders.spiders.base.api_spider import MISSING, answer_of, headers_of
from tvspiders.spiders.base.cursors import SearchCursor
from tvspiders.spiders.base.detail_spider import DetailSpider
from tvspiders.spiders.base.list_kinds import About
from tvspiders.spiders.base.list_spider import Output, unaccounted
from tvspiders.spiders.base.slices import Probe, Slice


class SearchSpider(DetailSpider):
    """A spider that searches for things."""

    @property
    def splits(self) -> bool:
        """Whether searches that hold too much are cut."""
        return bool(getattr(self.args, "beyond_window", False))

    def ask_search(self, cursor: SearchCursor) -> Request:
        """A page of a search."""
        part = cursor.part
        path = urls.search(part.term, page=cursor.page, **part.filters)  # type: ignore[arg-type]
        request = self.ask(path, self.parse_search, **cursor.as_dict())
        return request if cursor.reread is None else self.beyond_least(request, "second-look")

    def parse_search(self, response: Response, **stored: Any) -> Iterator[Output]:
        """Rows of one page; then the next page, or the slices of a search that holds too much."""
        cursor = SearchCursor.from_dict(stored)
        answer = answer_of(response)
        # old versions of the API answer 404 where a search finds nothing: a page without rows
        listing = Listing() if answer.verdict in MISSING else things.thing_rows(answer.document)
        cursor = replace(cursor, refused=cursor.refused + self.note_refused(listing, response))
        yield from self.search_rows(listing, cursor.about)
        page = PageRead(listing.keys, listing.total, headers_of(response))
        if cursor.reread is not None:
            decision = paging.after_second_read(cursor.progress, cursor.reread, page, cursor.bounds)
            yield from self.go_on(cursor, decision)
            return
        decision = paging.next_page(cursor.progress, page, cursor.bounds)
        reaches = cursor.limit is None or cursor.limit * urls.PER_PAGE >= WINDOW
        too_much = cursor.split and reaches and decision.window
        if cursor.probe is not None:
            yield from self.judge_probe(cursor, cursor.probe, listing, decision, too_much)
        elif too_much and cursor.page == 1:
            yield self.note_end(cursor, decision, "split")
            yield from self.cut_up(cursor.part, slices.mark(listing.keys), cursor.about)
        else:
            yield from self.go_on(cursor, decision)

    def search_rows(self, listing: Listing, about: About) -> Iterable[Output]:
        """Items and requests from the rows of a page."""
        return self.rows(listing)

    def go_on(self, cursor: SearchCursor, decision: Decision) -> Iterator[Output]:
        """The next page, one to request a second time, or how the search ended."""
        reread = self.reread_of(decision, cursor.key)
        if decision.next_page is not None or reread is not None:
            yield self.ask_search(replace(cursor, progress=decision.progress, probe=None, reread=reread))
            return
        yield self.note_end(cursor, decision, decision.ended)
        if decision.window and decision.reason == "window":
            self.logger.warning(
                "%s holds 10,000 things or more, of which the site serves %d%s",
                cursor.part,
                decision.progress.received,
                "; the rest stayed out of reach"
                if self.splits
                else "; -a beyond_window=true reaches further",
            )

    def note_end(self, cursor: SearchCursor, decision: Decision, reason: str) -> ListRead:
        """How a search ended."""
        progress = decision.progress
        return ListRead(
            subject="search",
            subject_id=str(cursor.part),
            name="things",
            total=progress.total,
            received=progress.received,
            refused=cursor.refused,
            pages=progress.page,
            ended=reason,
            complete=decision.complete and reason != "split",
            **({} if reason == "split" else unaccounted(decision, decision.settled)),
        )

    def cut_up(self, whole: Slice, mark: str, about: About) -> Iterator[Output]:
        """The slices of a search; only the first of them until the API is known to apply the filter."""
        if whole.needs_categories:
            yield self.ask(
                urls.categories(), self.parse_numbers, part=whole.as_dict(), mark=mark, about=about or None
            )
            return
        parts = slices.cut(whole)
        if parts is None:
            for part in slices.orders(whole):
                # the first page of the order in use was requested before
                read = part.filters.get("sort") == whole.filters.get("sort")
                size = urls.PER_PAGE
                after = Progress(page=2, received=size, size=size, total=WINDOW, most=WINDOW)
                yield self.ask_search(SearchCursor(part, after if read else Progress(), about=about))
            return
        if parts.dimension == slices.DATES and whole.days is not None:
            for part in parts.parts:
                yield self.ask_search(SearchCursor(part, split=True, about=about))
            return
        first, *rest = parts.parts
        probe = Probe(whole, parts.dimension, mark, tuple(rest))
        yield self.ask_search(SearchCursor(first, split=True, about=about, probe=probe))

    def parse_numbers(
        self, response: Response, part: dict[str, Any], mark: str, about: About | None = None
    ) -> Iterator[Output]:
        """Categories that the site has besides the known ones, before a search is cut by category."""
        answer = answer_of(response)
        numbers: list[int] = []
        if answer.verdict not in MISSING:
            categories = parsing.categories(answer.document).items
            numbers = [item.id for item in categories if isinstance(item, Category) and item.id is not None]
        yield from self.cut_up(replace(Slice.from_dict(part), categories=tuple(numbers)), mark, about or {})

    def judge_probe(
        self, cursor: SearchCursor, probe: Probe, listing: Listing, decision: Decision, too_much: bool
    ) -> Iterator[Output]:
        """Go on with a slice and its siblings if the API applies the filter, else cut by the next one."""
        part, about = cursor.part, cursor.about
        same = slices.mark(listing.keys) == probe.mark
        works = probe.works(part, listing.items, same=same)
        suspicious = works if probe.dimension == slices.DATES else same
        if too_much and probe.rest and probe.before is None and suspicious:
            # perhaps the filter is ignored; another value shows it: no page is in both halves by chance
            following = replace(probe, rest=probe.rest[1:], before=part)
            yield self.ask_search(SearchCursor(probe.rest[0], split=True, about=about, probe=following))
            return
        if not works:
            self.logger.info("The API ignores the filter %s; splitting by the next one", probe.dimension)
            yield from self.cut_up(slices.without(probe.whole, probe.dimension), probe.mark, about)
            return
        if probe.before is not None:
            yield from self.cut_up(probe.before, probe.mark, about)
        for other in probe.rest:
            yield self.ask_search(SearchCursor(other, split=True, about=about))
        if too_much:
            yield self.note_end(cursor, decision, "split")
            yield from self.cut_up(part, slices.mark(listing.keys), about)
        else:
            yield from self.go_on(replace(cursor, limit=None), decision)
