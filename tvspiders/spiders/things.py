"""Things found by a search."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import paging, things, urls
from tvspiders.api.paging import Progress
from tvspiders.params import ThingsParams
from tvspiders.spiders.api_spider import MISSING, answer_of, headers_of
from tvspiders.spiders.details import DetailSpider
from tvspiders.spiders.reading import Output


class ThingsSpider(DetailSpider[ThingsParams]):
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

    def parse_page(self, response: Response, progress: dict[str, Any]) -> Iterator[Output]:
        """Rows of one page, their details, and the page after it."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            return  # old versions of the API answer 404 where a search finds nothing
        found = things.thing_rows(answer.document)
        self.note_refused(found, response)
        yield from self.rows(found)
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
