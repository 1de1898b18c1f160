"""The remix tree around one or many things."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api import answers, remixes, urls
from tvspiders.api.lists.names import subject_lives
from tvspiders.api.lists.rows import Listing
from tvspiders.items import Creator, Edge, Thing
from tvspiders.params import RemixesParams
from tvspiders.spiders.base.api_spider import MISSING, answer_of
from tvspiders.spiders.base.cursors import ListCursor
from tvspiders.spiders.base.detail_spider import DetailSpider
from tvspiders.spiders.base.list_spider import Output


class RemixesSpider(DetailSpider):
    """What was remixed from a thing and what it was remixed from, generation by generation.

    Nearest first: a crawl that is cut short holds whole inner generations.

    Example: ``scrapy crawl remixes -a thing=763622 -a depth=2``
    """

    name = "remixes"
    argument_model = RemixesParams
    args: RemixesParams

    async def start(self) -> AsyncIterator[Request]:
        """Request the roots: generation 0."""
        for root in self.args.thing:
            yield self.ask_node(root, 0)

    def ask_node(self, thing_id: int, generation: int) -> Request:
        """A thing at so many steps from the nearest root."""
        return self.ask(
            urls.thing(thing_id),
            self.parse_thing,
            priority=-2 * generation,
            thing_id=thing_id,
            generation=generation,
        )

    def ask(self, path: str, callback: Callable[..., Any], *, priority: int = 0, **arguments: Any) -> Request:
        """As for every spider; where the walk has an end, the nearest way to a thing must win."""
        request = super().ask(path, callback, priority=priority, **arguments)
        walks = "generation" in arguments or "generation" in arguments.get("about", ())
        if walks and self.args.generations is not None:
            request.meta[meta.NEARER] = True
        return request

    def parse_thing(self, response: Response, thing_id: int, generation: int = 0) -> Iterator[Output]:
        """A node: the thing, the edges to its parents, and the way on in the directions wanted."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            yield answers.tombstone(answer, "thing", thing_id)
            return
        thing: Thing | None = None
        for output in self.store_thing(answer.document, thing_id, beyond(generation)):
            if isinstance(output, Thing):
                thing = output
            yield output
        if thing is None:
            return
        if self.args.direction != "children":
            yield from self.go_up(thing, generation)
        if self.args.direction != "parents" and self.goes_on(generation) and thing.remix_count != 0:
            yield self.ask_list(
                "derivatives",
                thing_id,
                priority=beyond(generation),
                stated=thing.remix_count,
                about={"generation": generation},
            )

    def go_up(self, thing: Thing, generation: int) -> Iterator[Request]:
        """The parents, or a request for them where the detail is silent or contradicts itself."""
        parents = thing.ancestors or []
        if thing.ancestors is None or (
            thing.is_derivative is not None and thing.is_derivative != bool(parents)
        ):
            yield self.ask(
                urls.ancestors(thing.id),
                self.parse_ancestors,
                priority=beyond(generation),
                thing_id=thing.id,
                generation=generation,
                # a remix has one parent at least
                **({"stated": 1} if thing.is_derivative else {}),
            )
        yield from self.go_to(parents, generation)

    def go_to(self, others: Iterable[int], generation: int) -> Iterator[Request]:
        """The nodes one step further away."""
        if self.goes_on(generation):
            for other in others:
                yield self.ask_node(other, generation + 1)

    def goes_on(self, generation: int) -> bool:
        """Whether anything beyond this generation is wanted."""
        return self.args.generations is None or generation < self.args.generations

    def parse_ancestors(
        self, response: Response, thing_id: int, generation: int, stated: int | None = None
    ) -> Iterator[Output]:
        """Parents that the thing's own page did not name."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            if subject_lives(answer):
                yield self.unlisted(ListCursor("ancestors", thing_id, stated=stated))
            else:
                yield answers.tombstone(answer, "list", f"thing/{thing_id}/ancestors")
            return
        listing = remixes.ancestors(answer.document, thing_id)
        self.note_refused(listing, response)
        edges = [item for item in listing.items if isinstance(item, Edge)]
        yield from edges
        yield from self.go_to((edge.parent_id for edge in edges), generation)

    def take(self, listing: Listing, cursor: ListCursor) -> Iterable[Output]:
        """Remixes of a thing: edges and the nodes behind them."""
        if cursor.kind not in ("derivatives", "remixes"):
            yield from super().take(listing, cursor)
            return
        generation = cursor.about["generation"]
        if self.args.details is not True and not self.goes_on(generation + 1):
            yield from self.leaves(listing, generation + 1)
            return
        edges = [item for item in listing.items if isinstance(item, Edge)]
        yield from edges
        yield from self.go_to((edge.child_id for edge in edges), generation)

    def leaves(self, listing: Listing, generation: int) -> Iterator[Output]:
        """Remixes of the last generation: nothing beyond them is requested, so their row may do."""
        listed = {item.id for item in listing.items if isinstance(item, Thing)}
        for item in listing.items:
            if isinstance(item, Thing) and self.only_changed:
                request = self.ask_node(item.id, generation)
                request.meta[meta.ROW] = item
                yield item
                yield request
            elif isinstance(item, Edge):
                yield item
                if item.child_id not in listed:
                    yield self.ask_node(item.child_id, generation)
            elif not (isinstance(item, Creator) and self.only_changed):
                yield item


def beyond(generation: int) -> int:
    """Priority of requests about a node: after its generation, before the next one."""
    return -2 * generation - 1
