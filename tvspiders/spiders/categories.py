"""The category tree, and the things of a category."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from itertools import chain

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers, parsing, urls
from tvspiders.api.answers import Answer
from tvspiders.api.known_categories import KNOWN, closest
from tvspiders.api.lists.paging import WINDOW, Decision
from tvspiders.api.lists.rows import Listing
from tvspiders.items import Category, Item, ThingCategory
from tvspiders.params import CategoriesParams
from tvspiders.spiders.base.api_spider import MISSING, answer_of
from tvspiders.spiders.base.cursors import ListCursor, SearchCursor
from tvspiders.spiders.base.list_kinds import About
from tvspiders.spiders.base.list_spider import Output
from tvspiders.spiders.base.search_spider import SearchSpider
from tvspiders.spiders.base.slices import Slice

LEVEL_PRIORITY = 20
"""The tree goes before the things."""


class CategoriesSpider(SearchSpider):
    """All categories, or the things filed under some of them, newest first.

    Example: ``scrapy crawl categories -a category=robotics -a pages=3``
    """

    name = "categories"
    argument_model = CategoriesParams
    args: CategoriesParams
    stored_slugs: Collection[str] = ()
    """Categories that the database knows. The ledger gives them when the crawl is opened."""

    async def start(self) -> AsyncIterator[Request]:
        """Request the tree, or the things of each category named."""
        wanted = self.args.category
        if wanted is None or "all" in wanted:
            yield self.ask_list("categories", "all", priority=LEVEL_PRIORITY)
            return
        new = [slug for slug in wanted if slug not in {*KNOWN, *self.stored_slugs} and ":" not in slug]
        if new:
            self.logger.warning("Not among the known categories, requested all the same: %s", ", ".join(new))
        for slug in (given.removeprefix("slug:") for given in wanted):
            known = KNOWN.get(slug)
            yield self.ask_things(slug, known.name if known else None, known.id if known else None)
            if self.args.subcategories:
                yield self.ask_category(slug)

    @property
    def everything(self) -> bool:
        """Whether the things of all categories are wanted."""
        return self.args.category is not None and "all" in self.args.category

    def ask_things(
        self, slug: str, name: str | None, number: int | None, stated: int | None = None
    ) -> Request:
        """The first page of what is filed under a category."""
        about = {"category": name, "category_id": number}
        given = {key: value for key, value in about.items() if value is not None}
        return self.ask_list("category-things", slug, limit=self.args.pages, stated=stated, about=given)

    def ask_category(self, slug: str) -> Request:
        """A category's own page, which names those below it."""
        return self.ask(urls.category(slug), self.parse_category, priority=LEVEL_PRIORITY, slug=slug)

    def parse_category(self, response: Response, slug: str) -> Iterator[Output]:
        """The categories below one; the category itself where no list named it."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            yield from self.unknown(answer, slug)
            return
        for item in parsing.category(answer.document, slug):
            if not isinstance(item, Category):
                yield item
            elif item.slug != slug:
                yield from self.below(item, slug)
            elif not (self.args.category is None or self.everything):
                yield item

    def below(self, item: Category, slug: str) -> Iterator[Output]:
        """A category below another, its things where they are wanted, and what is below it in turn.

        Only its own page names a deeper level, one request for each category; two levels are known.
        """
        item.parent_slug = item.parent_slug or slug
        yield item
        if self.args.category is not None:
            yield self.ask_things(item.slug, item.name, item.id, item.thing_count)
        if self.args.subcategories:
            yield self.ask_category(item.slug)

    def take(self, listing: Listing, cursor: ListCursor) -> Iterable[Output]:
        """Roots of the tree, or things of a category with that category, at no extra request."""
        if cursor.kind == "categories":
            return self.roots(listing)
        rows = super().take(listing, cursor)
        if cursor.kind == "category-things" and cursor.subject_id not in KNOWN and listing.items:
            # its things prove that it exists; the next crawl finds it in the database
            return chain([Category(slug=str(cursor.subject_id))], rows)
        return rows

    def roots(self, listing: Listing) -> Iterator[Output]:
        """Each root, its things where they are wanted, and the question for what is below it."""
        for item in listing.items:
            yield item
            if isinstance(item, Category):
                if self.everything:
                    yield self.ask_things(item.slug, item.name, item.id, item.thing_count)
                if item.parent_slug is None:
                    yield self.ask_category(item.slug)

    def missing_list(self, answer: Answer, cursor: ListCursor) -> Iterable[Output]:
        """A category that the site does not know."""
        if cursor.kind == "category-things" and cursor.page == 1:
            return self.unknown(answer, str(cursor.subject_id))
        return super().missing_list(answer, cursor)

    def unknown(self, answer: Answer, slug: str) -> Iterator[Item]:
        """Remember that a category does not exist, and name the closest."""
        near = ", ".join(closest(slug, cutoff=0.3)) or "none"
        self.logger.error("The site knows no category %r; the closest are: %s", slug, near)
        yield answers.tombstone(answer, "category", slug)

    def end_list(self, cursor: ListCursor, decision: Decision) -> Iterator[Output]:
        """Note how the list ended; search for what a category holds beyond the served window."""
        yield from super().end_list(cursor, decision)
        received = decision.progress.received
        holds = max(cursor.stated or 0, decision.progress.most)
        cut_short = holds >= WINDOW and received <= WINDOW + urls.PER_PAGE and decision.reason != "limit"
        if cursor.kind != "category-things" or not cut_short:
            return
        slug, number = cursor.subject_id, cursor.about.get("category_id")
        if self.args.beyond_window and number is not None:
            # a search leaves customized things out unless it is set otherwise; a category holds them
            whole = Slice("", {"category_id": number, "show_customized": 1})
            yield self.ask_search(SearchCursor(whole, split=True, about=cursor.about | {"slug": slug}))
        else:
            advice = (
                "the rest stayed out of reach" if number is None else "-a beyond_window=true reaches further"
            )
            self.logger.warning(
                "Category %s holds %d things and serves %d of them; %s", slug, holds, received, advice
            )

    def search_rows(self, listing: Listing, about: About) -> Iterable[Output]:
        """Things that a search by category found: they are filed under it, too."""
        yield from self.rows(listing)
        if "slug" in about:
            for key in listing.keys:
                if isinstance(key, int):
                    yield ThingCategory(
                        thing_id=key, category_slug=about["slug"], category_name=about.get("category")
                    )
