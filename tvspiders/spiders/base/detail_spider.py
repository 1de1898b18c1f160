"""Base class of spiders that store things: request their pages and the lists that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api import answers, images, things, urls
from tvspiders.api.lists.rows import Listing
from tvspiders.items import Creator, File, Item, Make, Thing
from tvspiders.params import ExtraParams
from tvspiders.spiders.base.api_spider import MISSING, answer_of
from tvspiders.spiders.base.cursors import ListCursor
from tvspiders.spiders.base.list_spider import ListSpider, Output

DETAIL_PRIORITY = 10
"""Details go before the next page: a crawl that is cut short holds whole things."""
PARTS = frozenset({"creator", "edges", "tags", "categories"})
"""What is taken from a thing's own page besides the thing."""
EXTRAS = {
    "files": ("thing-files", "file_count"),
    "images": ("thing-images", None),
    "comments": ("thing-comments", "comment_count"),
    "makes": ("thing-makes", "make_count"),
    "categories": ("thing-categories", None),
}
"""Argument -> the list that is asked, and the count on the thing's page that can spare it."""


class DetailSpider(ListSpider):
    """A spider that stores things."""

    args: ExtraParams

    @property
    def details(self) -> bool:
        """Whether the own page of each thing is requested; then no row of a list is an item.

        A row lacks most counts: beside the detail it would make a second snapshot. What it says is kept
        as told (``meta.TOLD``).
        """
        return bool(getattr(self.args, "details", True))

    @property
    def only_changed(self) -> bool:
        """Whether a thing's own page is requested only where the row of a list shows a change."""
        return getattr(self.args, "details", True) == "changed"

    def ask_thing(self, thing_id: int, *, priority: int = DETAIL_PRIORITY) -> Request:
        """A thing's own page."""
        return self.ask(urls.thing(thing_id), self.parse_thing, priority=priority, thing_id=thing_id)

    def parse_thing(self, response: Response, thing_id: int) -> Iterator[Output]:
        """A thing's own page with its creator, parents and tags, and what else is wanted of it."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            yield answers.tombstone(answer, "thing", thing_id)
        else:
            yield from self.store_thing(answer.document, thing_id, DETAIL_PRIORITY)

    def store_thing(self, document: Any, thing_id: int, priority: int) -> Iterator[Output]:
        """Items of a thing's own page, and requests for the lists that belong to it."""
        parts = PARTS | {"files"} if self.args.files is True else PARTS
        items = things.thing_detail(document, thing_id, parts)
        listed = [item for item in items if isinstance(item, File)]
        thing = items[0]
        assert isinstance(thing, Thing)  # noqa: S101 - the parser promises it
        files_known = bool(listed) and len(listed) >= (thing.file_count or 0)
        yield from (item for item in items if self.wanted(item, files_known))
        pictures = images.images_inside(document, thing_id) if self.args.images else None
        yield from pictures or ()
        known = {
            "files": files_known,
            "images": pictures is not None,
            "categories": thing.categories is not None,
        }
        for name, (kind, counter) in EXTRAS.items():
            count = getattr(thing, counter) if counter else None
            if getattr(self.args, name) and count != 0 and not known.get(name):
                yield self.ask_list(kind, thing_id, priority=priority, stated=count)

    def wanted(self, item: Item, files_known: bool) -> bool:
        """Whether an item of a detail is stored; an incomplete list of files gives way to the real one."""
        return files_known or not isinstance(item, File)

    def take(self, listing: Listing, cursor: ListCursor) -> Iterable[Output]:
        """Rows of a list; of things their own pages, unless rows are all that is wanted."""
        if cursor.kind == "thing-makes":
            return _makes(listing)
        return self.rows(listing)

    def rows(self, listing: Listing) -> Iterator[Output]:
        """Items of rows, with requests for details in the place of things and their creators.

        A request carries the data of its row: the thing's own page may never be answered.
        """
        whose: set[str] = set()
        people = {item.username: item for item in listing.items if isinstance(item, Creator)}
        for item in listing.items:
            if isinstance(item, Thing) and self.details:
                whose.add(item.creator or "")
                request = self.ask_thing(item.id)
                creator = people.pop(item.creator or "", None)
                request.meta[meta.TOLD] = [item] if creator is None else [item, creator]
                if self.only_changed:
                    # Either the row is stored or the page is asked: the ledger knows what is new.
                    request.meta[meta.ROW] = item
                    yield item
                yield request
            elif isinstance(item, Creator) and item.username in whose:
                continue
            else:
                yield item


def _makes(listing: Listing) -> Iterator[Item]:
    """Makes of one thing with their makers; the thing itself is known from its own page."""
    makers = {item.maker for item in listing.items if isinstance(item, Make)}
    for item in listing.items:
        if not isinstance(item, Thing) and (not isinstance(item, Creator) or item.username in makers):
            yield item
