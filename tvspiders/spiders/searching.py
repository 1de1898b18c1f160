"""Searches, and what to do about those that hold more than the site serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import paging, parsing, things, urls
from tvspiders.api.lists import Listing
from tvspiders.api.paging import WINDOW, Decision, Progress
from tvspiders.items import Category, ListRead
from tvspiders.spiders import slices
from tvspiders.spiders.api_spider import MISSING, answer_of, headers_of
from tvspiders.spiders.details import DetailSpider
from tvspiders.spiders.lists import About
from tvspiders.spiders.reading import Output, doubt_of
from tvspiders.spiders.slices import Slice


class SearchSpider(DetailSpider):
    """A spider that searches for things."""

    @property
    def splits(self) -> bool:
        """Whether searches that hold too much are cut."""
        return bool(getattr(self.args, "beyond_window", False))

    def ask_search(
        self,
        part: Slice,
        progress: Progress | None = None,
        *,
        limit: int | None = None,
        split: bool = False,
        about: About | None = None,
        look: dict[str, Any] | None = None,
        **probe: Any,
    ) -> Request:
        """A page of a search; ``split`` says that it is to be cut when it holds too much.

        ``look`` names a page that is looked at twice.
        """
        progress = progress or Progress()
        arguments: dict[str, Any] = {"part": part.as_dict(), "progress": progress.as_dict()}
        given = {"limit": limit, "split": split or None, "about": about, "look": look} | probe
        arguments |= {name: value for name, value in given.items() if value is not None}
        page = progress.page if look is None else look["page"]
        path = urls.search(part.term, page=page, **part.filters)  # type: ignore[arg-type]
        request = self.ask(path, self.parse_search, **arguments)
        return request if look is None else self.beyond_least(request, "second-look")

    def parse_search(
        self,
        response: Response,
        part: dict[str, Any],
        progress: dict[str, Any],
        limit: int | None = None,
        split: bool = False,
        about: About | None = None,
        probe: dict[str, Any] | None = None,
        refused: int = 0,
        look: dict[str, Any] | None = None,
    ) -> Iterator[Output]:
        """Rows of one page, and the page after it, or the slices of a search that holds too much.

        ``probe`` is set on the first slices along a dimension: it is not known yet whether the
        site heeds that filter. It holds the ``whole`` slice, the ``dimension``, the ``mark`` of
        the whole's first page, the ``rest`` of the slices, and the one ``before`` if it proved
        nothing: it looked the same as the whole, or held too much of a half of the days.
        """
        answer = answer_of(response)
        this = Slice.from_dict(part)
        # old versions of the API answer 404 where a search finds nothing: a page without rows
        found = Listing() if answer.verdict in MISSING else things.thing_rows(answer.document)
        refused += self.note_refused(found, response)
        yield from self.search_rows(found, about or {})
        before, headers = Progress.from_dict(progress), headers_of(response)
        if look is not None:
            after = paging.second_look(
                before, **look, keys=found.keys, total=found.total, headers=headers, limit=limit, search=True
            )
            yield from self.go_on(this, after, refused, limit, split, about)
            return
        decision = paging.next_page(before, found.keys, found.total, headers, limit=limit, search=True)
        reaches = limit is None or limit * urls.PER_PAGE >= WINDOW
        too_much = split and reaches and decision.window
        if probe is not None:
            yield from self.judge_probe(probe, this, found, decision, too_much, about, refused)
        elif too_much and progress["page"] == 1:
            yield self.note_end(this, decision, refused, "split")
            yield from self.cut_up(this, slices.mark(found.keys), about)
        else:
            yield from self.go_on(this, decision, refused, limit, split, about)

    def search_rows(self, found: Listing, about: About) -> Iterable[Output]:
        """What becomes of the rows of a page."""
        return self.rows(found)

    def go_on(
        self,
        this: Slice,
        decision: Decision,
        refused: int = 0,
        limit: int | None = None,
        split: bool = False,
        about: About | None = None,
    ) -> Iterator[Output]:
        """The next page, one to be looked at twice, or how the search ended."""
        look = self.look_at(decision, f"search>{_named(this)}>things")
        if decision.next_page is not None or look is not None:
            yield self.ask_search(
                this,
                decision.progress,
                limit=limit,
                split=split,
                about=about,
                look=look,
                refused=refused or None,
            )
            return
        yield self.note_end(this, decision, refused, decision.ended)
        if decision.window and decision.reason == "window":
            self.logger.warning(
                "%s holds 10,000 things or more, of which the site serves %d%s",
                _named(this),
                decision.progress.received,
                "; the rest stayed out of reach"
                if self.splits
                else "; -a beyond_window=true reaches further",
            )

    def note_end(self, this: Slice, decision: Decision, refused: int, reason: str) -> ListRead:
        """How a search ended."""
        progress = decision.progress
        return ListRead(
            subject="search",
            subject_id=_named(this),
            name="things",
            total=progress.total,
            received=progress.received,
            refused=refused,
            pages=progress.page,
            ended=reason,
            complete=decision.complete and reason != "split",
            **({} if reason == "split" else doubt_of(decision, decision.settled)),
        )

    def cut_up(self, whole: Slice, mark: str, about: About | None) -> Iterator[Output]:
        """The slices of a search; only the first of them until it is known that the filter works."""
        if whole.needs_categories:
            yield self.ask(
                urls.categories(), self.parse_numbers, part=whole.as_dict(), mark=mark, about=about
            )
            return
        found = slices.cut(whole)
        if found is None:
            for part in slices.orders(whole):
                # the first page of the order in use has been asked already
                read = part.filters.get("sort") == whole.filters.get("sort")
                size = urls.PER_PAGE
                after = Progress(page=2, received=size, size=size, total=WINDOW, most=WINDOW)
                yield self.ask_search(part, after if read else None, about=about)
            return
        if found.dimension == slices.DATES and whole.days is not None:
            for part in found.parts:
                yield self.ask_search(part, split=True, about=about)
            return
        probe = {
            "whole": whole.as_dict(),
            "dimension": found.dimension,
            "mark": mark,
            "rest": [part.as_dict() for part in found.parts[1:]],
        }
        yield self.ask_search(found.parts[0], split=True, about=about, probe=probe)

    def parse_numbers(
        self, response: Response, part: dict[str, Any], mark: str, about: About | None
    ) -> Iterator[Output]:
        """Numbers of categories that are in no recording, before a search is cut by category."""
        answer = answer_of(response)
        numbers: list[int] = []
        if answer.verdict not in MISSING:
            found = parsing.categories(answer.document).items
            numbers = [item.id for item in found if isinstance(item, Category) and item.id is not None]
        yield from self.cut_up(replace(Slice.from_dict(part), categories=tuple(numbers)), mark, about)

    def judge_probe(
        self,
        probe: dict[str, Any],
        this: Slice,
        found: Listing,
        decision: Decision,
        too_much: bool,
        about: About | None,
        refused: int,
    ) -> Iterator[Output]:
        """Go on with a slice and its siblings if the site heeds the filter, else cut another way."""
        dimension, mark, rest = probe["dimension"], probe["mark"], list(probe["rest"])
        before = probe.get("before")
        dated, same = dimension == slices.DATES, slices.mark(found.keys) == mark
        works = slices.dates_hold(this, found.items) if dated else before is None or not same
        if too_much and rest and before is None and (works if dated else same):
            # perhaps the filter is not heeded; another value tells: no page lies in both halves by chance
            yield self.ask_search(
                Slice.from_dict(rest[0]),
                split=True,
                about=about,
                probe=probe | {"rest": rest[1:], "before": this.as_dict()},
            )
            return
        if not works:
            self.logger.info("The API does not apply the filter %s; splitting by the next one", dimension)
            whole = slices.without(Slice.from_dict(probe["whole"]), dimension)
            yield from self.cut_up(whole, mark, about)
            return
        if before is not None:
            yield from self.cut_up(Slice.from_dict(before), mark, about)
        for part in rest:
            yield self.ask_search(Slice.from_dict(part), split=True, about=about)
        if too_much:
            yield self.note_end(this, decision, refused, "split")
            yield from self.cut_up(this, slices.mark(found.keys), about)
        else:
            yield from self.go_on(this, decision, refused, split=True, about=about)


def _named(part: Slice) -> str:
    """What a search is called in notes: its term and filters."""
    filters = " ".join(f"{name}={value}" for name, value in sorted(part.filters.items()))
    return f"search {part.term!r} {filters}".strip()
