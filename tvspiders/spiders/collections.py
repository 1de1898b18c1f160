"""Collections of users, with their things."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers, parsing, urls
from tvspiders.items import Collection
from tvspiders.params.listings import CollectionsParams
from tvspiders.spiders.base.api_spider import MISSING, answer_of
from tvspiders.spiders.base.detail_spider import DetailSpider
from tvspiders.spiders.base.list_spider import Output

FIRST = 20
"""A collection's own page goes before its things."""


class CollectionsSpider(DetailSpider):
    """Collections with their things, each with its own page.

    Example: ``scrapy crawl collections -a collection=16696069``
    """

    name = "collections"
    argument_model = CollectionsParams
    args: CollectionsParams

    async def start(self) -> AsyncIterator[Request]:
        """Request each collection."""
        for number in self.args.collection:
            yield self.ask(urls.collection(number), self.parse_collection, priority=FIRST, number=number)

    def parse_collection(self, response: Response, number: int) -> Iterator[Output]:
        """The collection, its owner, and the first page of its things."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            self.logger.error("The site shows no collection %d", number)
            yield answers.tombstone(answer, "collection", number)
            return
        for item in parsing.collection(answer.document, number):
            yield item
            if isinstance(item, Collection):
                yield self.ask_list(
                    "collection-things", number, limit=self.args.pages, stated=item.thing_count
                )
