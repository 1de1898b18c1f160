"""The whole API as one function from request to response. Only likes change state.

No network, no quota and no faults here: `server` adds those.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tvspiders.sandbox.api.answers import Answer, error
from tvspiders.sandbox.api.endpoints.listing import Listing
from tvspiders.sandbox.api.endpoints.search import SearchEndpoints
from tvspiders.sandbox.api.endpoints.things import ThingEndpoints
from tvspiders.sandbox.api.endpoints.users import UserEndpoints
from tvspiders.sandbox.api.routing import Ask, Router
from tvspiders.sandbox.api.shapes.copies import CopyShapes
from tvspiders.sandbox.api.shapes.things import ThingShapes
from tvspiders.sandbox.api.vintages import VINTAGES
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.likes import Likes
from tvspiders.sandbox.catalogue.search import Finder
from tvspiders.sandbox.config import SandboxConfig


class Site:
    """Catalogue, shapes and paths of one configuration.

    >>> site = Site(SandboxConfig(things=1000))
    >>> site.answer(Ask.read("/categories")).status
    200
    """

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.catalogue = Catalogue(config.things, config.seed, config.falling)
        self.finder = Finder(self.catalogue)
        vintage = VINTAGES[config.vintage]
        self.things = ThingShapes(self.catalogue, vintage, words=config.words)
        self.copies = CopyShapes(self.catalogue, self.things)
        self.likes = Likes(self.catalogue)
        self.corrections: dict[int, dict[str, Any]] = {}
        """What the site itself has set otherwise on a thing's own page, by number."""
        listing, likes = Listing(config), self.likes
        self.odd_pages = listing.odd
        self.router = Router()
        words = config.words
        for endpoints in (
            ThingEndpoints(
                *(self.catalogue, self.things, self.copies, listing, likes),
                words=words,
                corrections=self.corrections,
            ),
            UserEndpoints(self.catalogue, self.finder, self.things, self.copies, listing, likes, words=words),
        ):
            endpoints.route(self.router)
        SearchEndpoints(
            *(self.catalogue, self.finder, self.things, self.copies, listing),
            category_cap=config.category_cap,
            heeds=config.heeds,
            old_listings=config.old_listings,
        ).route(self.router)

    def answer(self, ask: Ask) -> Answer:
        """The response to this request."""
        found = self.router.find(ask.method, ask.segments)
        if found is None:
            return error(404, "Not Found")
        handler, taken = found
        return handler(ask, *taken)

    def crossed(self, ask: Ask) -> Ask | None:
        """The same request about another thing or user, for the fault of that name.

        None for everything but details and profiles: a list does not say whose it
        is, so nobody could find out.
        """
        if len(ask.segments) != 2:
            return None
        kind, name = ask.segments
        if kind == "things" and name.isdigit():
            other = str(int(name) % self.catalogue.things + 1)
            while not self.catalogue.life.visible(int(other), ask.day):
                other = str(int(other) % self.catalogue.things + 1)
        elif kind == "users" and name != "me":
            other = self.catalogue.people.name(1 if name.casefold() != "makerbot" else 0)
        else:
            return None
        return replace(ask, segments=[kind, other])
