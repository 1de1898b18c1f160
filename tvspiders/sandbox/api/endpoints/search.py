"""``/search/...``, ``/categories/...``, ``/tags/...`` and the site-wide lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tvspiders.sandbox.api.answers import Answer, error, ok
from tvspiders.sandbox.api.endpoints.listing import Listing
from tvspiders.sandbox.api.routing import Ask, Router
from tvspiders.sandbox.api.shapes.copies import CopyShapes
from tvspiders.sandbox.api.shapes.places import CDN, Json
from tvspiders.sandbox.api.shapes.things import ThingShapes
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.categories import BY_SLUG, ROOTS, children
from tvspiders.sandbox.catalogue.search import SORTS, Finder, Question
from tvspiders.sandbox.catalogue.vocabulary import LABELS, LICENSES, MODIFIERS

_CODES = {code.replace("-", ""): code for code, _, _ in LICENSES}


def _flag(text: str | None) -> bool | None:
    return None if text is None or text == "" else text not in ("0", "false")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def question(query: Mapping[str, str], term: str, *, creator: int | None = None) -> Question:
    """Read a search for things out of a query string.

    Unknown parameters are ignored, and so are ``posted_after`` and
    ``posted_before``, which are reported dead. A licence the API does not know
    finds nothing; it is taken with and without hyphens.
    """
    sort = query.get("sort", "relevant")
    license_ = query.get("license") or None
    return Question(
        term=term,
        sort=sort if sort in SORTS else "relevant",
        category_id=_number(query.get("category_id")),
        license=_CODES.get(license_.replace("-", ""), license_) if license_ else None,
        is_featured=_flag(query.get("is_featured")),
        has_makes=_flag(query.get("has_makes")),
        is_derivative=_flag(query.get("is_derivative")),
        customizable=_flag(query.get("customizable")),
        show_customized=bool(_flag(query.get("show_customized"))),
        liked_by=_number(query.get("liked_by")),
        made_by=_number(query.get("made_by")),
        creator=creator,
    )


class SearchEndpoints:
    """Everything that answers with many things of many people."""

    def __init__(
        self,
        catalogue: Catalogue,
        finder: Finder,
        things: ThingShapes,
        copies: CopyShapes,
        listing: Listing,
        *,
        category_cap: int = 0,
        heeds: frozenset[str] = frozenset(),
        old_listings: bool = True,
    ) -> None:
        self._catalogue = catalogue
        self._category_cap = category_cap
        self._heeds = heeds
        self._old_listings = old_listings
        self._finder = finder
        self._things = things
        self._copies = copies
        self._listing = listing

    def route(self, router: Router) -> None:
        """Add the paths."""
        router.add("/search", self.search)
        router.add("/search/{term}", self.search)
        router.add("/search/{tag}/tag", self.search)
        router.add("/categories", self.categories)
        router.add("/categories/{slug}", self.category)
        router.add("/categories/{slug}/things", self.category_things)
        router.add("/tags", self.tags)
        router.add("/tags/0/popular", self.tags)
        router.add("/tags/{tag}", self.tag)
        router.add("/tags/{tag}/things", self.tag_things)
        for name in ("newest", "popular", "featured", "verified") if self._old_listings else ():
            router.add(f"/{name}", self.listed)

    def search(self, ask: Ask, term: str = "") -> Answer:
        """Things, users, makes or collections by a term."""
        kind = ask.query.get("type", "things")
        day = ask.day
        if kind == "users":
            users = self._things.users
            return self._listing.hits(ask, self._finder.users(term), lambda user: users.summary(user, day))
        if kind == "makes":
            asked = _number(ask.query.get("user_id"))
            user = None if asked is None else self._catalogue.people.rank_of_id(asked)
            makes = self._finder.makes(question(ask.query, term), user, day)
            return self._listing.hits(ask, makes, lambda make: self._copies.copy(make, day))
        if kind == "collections":
            found = self._finder.collections(term)
            return self._listing.hits(ask, found, lambda number: self._collection(number, day))
        asked_for = question(ask.query, term)
        if "dates" in self._heeds:
            after, before = ask.query.get("posted_after"), ask.query.get("posted_before")
            asked_for = replace(asked_for, after=after, before=before)
        things = self._finder.things(asked_for, day)
        return self._listing.hits(ask, things, lambda thing: self._things.item(thing, day, hit=True))

    def _collection(self, collection: int, day: int) -> Json:
        return self._copies.collection(collection, (collection - 1) // 16, day)

    def categories(self, ask: Ask) -> Answer:
        """The roots."""
        return self._listing.plain(ask, ROOTS, self._things.tags.category)

    def category(self, ask: Ask, slug: str) -> Answer:
        """One category with its children."""
        found = BY_SLUG.get(slug)
        if found is None:
            return error(404, "Not Found")
        shape = self._things.tags.category
        row = shape(found)
        return ok(
            {key: row[key] for key in ("name", "url", "count", "things_url")}
            | {
                "thumbnail": f"{CDN}/site/img/categories/{slug}.png",
                "preview_image": f"{CDN}/site/img/categories/{slug}_card.png",
                "children": [shape(child) for child in children(slug)],
            }
        )

    def category_things(self, ask: Ask, slug: str) -> Answer:
        """The things of a category, newest first; ``sort`` is looked at on demand only."""
        if slug not in BY_SLUG:
            return error(404, "Not Found")
        things: Sequence[int] = self._finder.category(slug, ask.day)
        if "category-sort" in self._heeds and ask.query.get("sort") == "popular":
            things = sorted(things, key=self._catalogue.families.rank)
        served = things[: self._category_cap] if self._category_cap else things
        item = self._things.item
        total = len(things) if self._category_cap else None
        return self._listing.plain(ask, served, lambda thing: item(thing, ask.day), total=total)

    def tags(self, ask: Ask) -> Answer:
        """Well-known tags."""
        names = [word for word, _ in (*LABELS, *MODIFIERS)]
        return self._listing.plain(ask, names, self._things.tags.tag)

    def tag(self, ask: Ask, name: str) -> Answer:
        """One tag."""
        if self._catalogue.words.known(name) is None:
            return error(404, "Not Found")
        return ok(self._things.tags.tag(name.replace("_", " ")))

    def tag_things(self, ask: Ask, name: str) -> Answer:
        """The things with a tag, newest first."""
        things = self._finder.tag(name, ask.day)
        return error(404, "Not Found") if things is None else self._items(ask, things)

    def listed(self, ask: Ask) -> Answer:
        """``/newest`` and its kin: deprecated, still answered."""
        return self._items(ask, self._finder.listed(ask.segments[0], ask.day))

    def _items(self, ask: Ask, things: list[int] | object) -> Answer:
        return self._listing.plain(ask, things, lambda thing: self._things.item(thing, ask.day))  # type: ignore[arg-type]
