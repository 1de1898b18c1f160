"""Public pages of things, as a browser shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings

from tvspiders.api import answers, things, urls
from tvspiders.extras.pages import parsing
from tvspiders.extras.pages.params import PagesParams
from tvspiders.items import Item, Thing
from tvspiders.spiders.base.api_spider import MISSING, ApiSpider, answer_of

PARTS = frozenset({"creator", "edges", "tags"})
PAGE_PRIORITY = 20
"""A page is rendered soon after its licence was read."""


LARGEST = 32 * 1024 * 1024
"""Most bytes of a rendered page with its picture; one is rendered at a time."""


class PagesSpider(ApiSpider):
    """Rendered HTML and a picture of public pages, with the licence beside. Needs ``SPLASH_URL``.

    Example: ``scrapy crawl pages -a thing=763622``
    """

    name = "pages"
    argument_model = PagesParams
    args: PagesParams

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Rendering is loaded for this spider only."""
        super().update_settings(settings)
        middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES_BASE")
        middlewares["tvspiders.extras.pages.middleware.PageMiddleware"] = 560
        settings.set("DOWNLOADER_MIDDLEWARES_BASE", middlewares, priority="spider")
        settings.set("DOWNLOAD_MAXSIZE", LARGEST, priority="spider")

    @classmethod
    def check_needs(cls, settings: BaseSettings) -> None:
        """Raises ``ConfigProblem`` without a Splash that can be used."""
        from tvspiders.extras.pages.splash_check import check_splash

        check_splash(settings)

    async def start(self) -> AsyncIterator[Request]:
        """Request each thing from the API, for its public address and licence."""
        for number in self.args.thing:
            yield self.ask(urls.thing(number), self.parse_thing, thing_id=number)

    def parse_thing(self, response: Response, thing_id: int) -> Iterator[Item | Request]:
        """The thing, and the request for its public page."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            yield answers.tombstone(answer, "thing", thing_id)
            return
        items = things.thing_detail(answer.document, thing_id, PARTS)
        yield from items
        thing = items[0]
        assert isinstance(thing, Thing)  # noqa: S101 - the parser promises it
        page = parsing.public_path(thing.url, thing_id)
        if page is None:
            self.logger.warning(
                "Thing %d states the page %s, which is not its own; requesting the usual one",
                thing_id,
                thing.url,
            )
        yield self.ask(
            parsing.rendering(thing_id),
            self.parse_page,
            priority=PAGE_PRIORITY,
            thing_id=thing_id,
            page=page or f"/thing:{thing_id}",
            license=thing.license,
        )

    def parse_page(
        self,
        response: Response,
        thing_id: int,
        page: str,
        license: str | None,  # noqa: A002
    ) -> Iterator[Item]:
        """The snapshot of a rendered page."""
        yield parsing.snapshot(answer_of(response).document, thing_id, license)
