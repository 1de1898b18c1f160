"""Lists of the whole site: popular, newest, featured, verified, random."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api import answers, things, urls
from tvspiders.api.answers import Verdict
from tvspiders.api.lists.rows import envelope
from tvspiders.api.values import flag, identity
from tvspiders.errors import AnswerRefused
from tvspiders.params.listings import ListingsParams
from tvspiders.spiders.base.api_spider import MISSING, answer_of, headers_of
from tvspiders.spiders.base.cursors import SearchCursor
from tvspiders.spiders.base.list_spider import Output
from tvspiders.spiders.base.search_spider import SearchSpider
from tvspiders.spiders.base.slices import Slice

SEARCHES: dict[str, dict[str, int | str]] = {
    "popular": {"sort": "popular"},
    "newest": {"sort": "newest"},
    "featured": {"is_featured": 1},
}
"""What the specification of 2026 names in the place of the old addresses; ``verified`` has no such search."""
UNUSABLE = (Verdict.GONE, Verdict.HIDDEN, Verdict.BAD_REQUEST, Verdict.BROKEN)
"""Answers of a search after which the old address is requested."""


class ListingsSpider(SearchSpider):
    """Things of a list of the whole site, each with its own page.

    Example: ``scrapy crawl listings -a kind=popular -a pages=3``
    """

    name = "listings"
    argument_model = ListingsParams
    args: ListingsParams

    async def start(self) -> AsyncIterator[Request]:
        """Request a search where there is one, else the list's own address; of random things, each draw."""
        kind = self.args.kind
        if kind == "random":
            for draw in range(1, (self.args.pages or 1) + 1):
                yield self.ask(urls.random_things(draw), self.parse_random)
        elif kind in SEARCHES:
            yield self.ask_search(SearchCursor(Slice("", SEARCHES[kind]), limit=self.args.pages))
        else:
            yield self.ask_listing()

    def ask_listing(self) -> Request:
        """The first page at the list's own, old address."""
        return self.ask_list("listing", self.args.kind, limit=self.args.pages)

    def parse_search(self, response: Response, **stored: Any) -> Iterator[Output]:
        """A page of the search; where the first one is of no use, the old address instead."""
        cursor = SearchCursor.from_dict(stored)
        first = cursor.progress.page == 1 and cursor.reread is None
        if first and (problem := _problem_of(response, cursor.part.filters)):
            self.logger.warning("The search for %s %s; requesting the old list", self.args.kind, problem)
            yield self.ask_listing()
            return
        yield from super().parse_search(response, **stored)

    def parse_random(self, response: Response) -> Iterator[Output]:
        """A draw: numbers (or rows) of five well-liked things."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            yield answers.tombstone(answer, "list", "site/random/things")
            return
        for row in envelope(answer.document).rows:
            number = identity(row.get("id") if isinstance(row, dict) else row)
            if number is None:
                raise AnswerRefused("no-id", repr(row)[:60])
            request = self.ask_thing(number)
            request.meta[meta.TOLD] = things.told_in(things.thing_row(row)) if isinstance(row, dict) else ()
            yield request


def _problem_of(response: Response, filters: dict[str, int | str]) -> str:
    """Why the first page of a search cannot be used, in words; empty when it can.

    ``is_featured`` counts as applied unless a row says of itself that it is not featured: parameters that
    the site does not know are ignored. In the years 2021 to 2023 no row said anything.
    """
    answer = meta.answer(response)
    if answer is None:
        answer = answers.read(response.status, headers_of(response), response.body)
    if answer.verdict in UNUSABLE:
        return "is not answered"
    if answer.verdict is not Verdict.OK:
        return ""
    page = envelope(answer.document)
    if not page.rows:
        return "finds nothing"
    if "is_featured" in filters and any(
        isinstance(row, dict) and flag(row.get("is_featured")) is False for row in page.rows
    ):
        return "ignores is_featured"
    return ""
