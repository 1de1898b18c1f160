"""Things found by a search."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers, paging, things, urls
from tvspiders.api.paging import Progress
from tvspiders.items import Item, Thing
from tvspiders.params import ThingsParams
from tvspiders.spiders.api_spider import MISSING, ApiSpider, answer_of, headers_of

DETAIL_PRIORITY = 10
"""Details go before the next page: a search that is cut short holds whole things."""
PARTS = ("creator", "edges", "tags")
"""What is taken from a thing's own page besides the thing."""


class ThingsSpider(ApiSpider[ThingsParams]):
    """Things that a search finds, each with its own page.

    Example: ``scrapy crawl things -a query=planters -a sort=newest``
    """

    name = "things"

    async def start(self) -> AsyncIterator[Request]:
        """Ask the first page."""
        yield self.request_page(Progress())

    def request_page(self, progress: Progress) -> Request:
        """The page that ``progress`` names."""
        path = urls.search(
            self.args.query,
            page=progress.page,
            sort=self.args.sort,
            category_id=self.args.category_id,
            license=self.args.license,
        )
        return self.ask(path, self.parse_page, progress=progress.as_dict())

    def parse_page(self, response: Response, progress: dict[str, Any]) -> Iterator[Item | Request]:
        """Rows of one page, their details, and the page after it."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            return  # old versions of the API answer 404 where a search finds nothing
        found = things.thing_rows(answer.document)
        for item in found.items:
            if not self.args.details:
                yield item
            elif isinstance(item, Thing):
                yield self.ask(
                    urls.thing(item.id), self.parse_thing, priority=DETAIL_PRIORITY, thing_id=item.id
                )
        decision = paging.next_page(
            Progress.from_dict(progress),
            found.keys,
            found.total,
            headers_of(response),
            limit=self.args.pages,
            search=True,
        )
        if decision.next_page is not None:
            yield self.request_page(decision.progress)

    def parse_thing(self, response: Response, thing_id: int) -> Iterator[Item]:
        """A thing's own page with its creator, parents and tags."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            yield answers.tombstone(answer, "thing", thing_id)
        else:
            yield from things.thing_detail(answer.document, thing_id, PARTS)
