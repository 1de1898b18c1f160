"""Tags, and the things that have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers, parsing, urls
from tvspiders.api.answers import Answer
from tvspiders.items import Tag
from tvspiders.params.listings import TagsParams
from tvspiders.spiders.base.api_spider import MISSING, answer_of
from tvspiders.spiders.base.cursors import ListCursor
from tvspiders.spiders.base.detail_spider import DetailSpider
from tvspiders.spiders.base.list_spider import Output

FIRST = 20
"""A tag's own page goes before its things."""


class TagsSpider(DetailSpider):
    """Things with a tag, newest first, each with its own page.

    Example: ``scrapy crawl tags -a tag=planter -a pages=3``
    """

    name = "tags"
    argument_model = TagsParams
    args: TagsParams

    async def start(self) -> AsyncIterator[Request]:
        """Request each tag."""
        for slug in self.args.tag:
            yield self.ask(urls.tag(slug), self.parse_tag, priority=FIRST, slug=slug)

    def parse_tag(self, response: Response, slug: str) -> Iterator[Output]:
        """The tag, and the first page of its things."""
        answer = answer_of(response)
        stated = None
        if answer.verdict not in MISSING:
            for item in parsing.tag(answer.document):
                yield item
                stated = item.thing_count if isinstance(item, Tag) else stated
        # The tag's own page is in no recording, so its absence proves nothing about its things.
        yield self.ask_list("tag-things", slug, limit=self.args.pages, stated=stated)

    def missing_list(self, answer: Answer, cursor: ListCursor) -> Iterable[Output]:
        """A tag without a list is searched for (recorded 2022); one without a search is not known."""
        slug = cursor.subject_id
        if cursor.kind == "tag-things" and cursor.page == 1:
            yield self.ask_list("tag-search", slug, limit=self.args.pages)
        elif cursor.kind == "tag-search" and cursor.page == 1:
            self.logger.error("The site knows no tag %r", slug)
            yield answers.tombstone(answer, "tag", slug)
        else:
            yield from super().missing_list(answer, cursor)
