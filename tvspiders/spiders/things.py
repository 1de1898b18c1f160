"""Things found by a search."""

from __future__ import annotations

from collections.abc import AsyncIterator

from scrapy import Request

from tvspiders.params import ThingsParams
from tvspiders.spiders.base.cursors import SearchCursor
from tvspiders.spiders.base.search_spider import SearchSpider
from tvspiders.spiders.base.slices import Slice


class ThingsSpider(SearchSpider):
    """Things that a search finds, each with its own page.

    Example: ``scrapy crawl things -a query=planters -a sort=newest``
    """

    name = "things"
    argument_model = ThingsParams
    args: ThingsParams

    async def start(self) -> AsyncIterator[Request]:
        """Request the first page of the search."""
        args = self.args
        given = {"sort": args.sort, "category_id": args.category_id, "license": args.license}
        filters: dict[str, int | str] = {name: value for name, value in given.items() if value is not None}
        part = Slice(args.query or "", filters)
        yield self.ask_search(SearchCursor(part, limit=args.pages, split=args.beyond_window))
