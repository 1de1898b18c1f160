"""``/things/...``, ``/files/...``, ``/copies/...``, ``/comments``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tvspiders.sandbox.api.answers import Answer, error, ok
from tvspiders.sandbox.api.endpoints.listing import Listing
from tvspiders.sandbox.api.routing import Ask, Router
from tvspiders.sandbox.api.shapes.copies import CopyShapes
from tvspiders.sandbox.api.shapes.things import ThingShapes
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.likes import ME, Likes
from tvspiders.sandbox.catalogue.mixing import Source

_Below = Callable[[Ask, int], Answer]


def number(text: str) -> int | None:
    """An id out of a path."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


class ThingEndpoints:
    """A thing and its lists."""

    def __init__(
        self,
        catalogue: Catalogue,
        things: ThingShapes,
        copies: CopyShapes,
        listing: Listing,
        likes: Likes,
        *,
        words: frozenset[str],
        corrections: Mapping[int, dict[str, Any]],
    ) -> None:
        self._corrections = corrections
        self._catalogue = catalogue
        self._likes = likes
        self._things = things
        self._copies = copies
        self._listing = listing
        self._words = words
        self._random = Source(catalogue.seed, "random things")

    def route(self, router: Router) -> None:
        """Add the paths."""
        router.add("/things/0/random", self.random)
        below: dict[str, _Below] = {
            "": self.detail,
            "files": self.files,
            "images": self.images,
            "ancestors": self.ancestors,
            "likes": self.likes,
            "tags": self.tags,
            "categories": self.categories,
            "comments": self.comments,
            "root-comments": self.root_comments,
            "remixes" if "remixes" in self._words else "derivatives": self.derivatives,
            "makes" if "makes" in self._words else "copies": self.copies,
        }
        for name, handler in below.items():
            router.add(f"/things/{{id}}/{name}", self._of_thing(handler))
        for method in ("POST", "DELETE"):
            router.add("/things/{id}/likes", self._of_thing(self.like), method=method)
        router.add("/files/{id}", self.file)
        router.add("/copies/{id}", self.copy)

    def _of_thing(self, handler: _Below) -> Callable[[Ask, str], Answer]:
        """Answer for visible things; for all others say why not."""

        def answer(ask: Ask, text: str) -> Answer:
            thing = number(text)
            if thing is None:
                return error(404, "Not Found")
            state = self._catalogue.state(thing, ask.day)
            if state.hidden:
                return error(403, state.value)
            if not self._catalogue.life.visible(thing, ask.day):
                return error(404, f"Thing {thing} does not exist")
            return handler(ask, thing)

        return answer

    def detail(self, ask: Ask, thing: int) -> Answer:
        """The thing itself."""
        found = self._things.detail(thing, ask.day)
        found["is_liked"] = self._likes.liked(ME, thing, ask.day)
        found["like_count"] = self._likes.count(thing, ask.day)
        return ok(found | self._corrections.get(thing, {}), max_age=1800)

    def like(self, ask: Ask, thing: int) -> Answer:
        """Like it, or take that back: nobody likes their own things, and some tokens may only read."""
        if ask.read_only:
            return error(403, "Forbidden")
        if self._catalogue.creator(thing) == ME:
            return error(400, "Bad Request")
        self._likes.write(ask.method, ME, thing)
        return ok({"ok": "ok"}, max_age=0)

    def files(self, ask: Ask, thing: int) -> Answer:
        """Its files, all at once."""
        files = self._things.files
        return ok([files.file(thing, k, ask.day) for k in range(files.file_count(thing))])

    def images(self, ask: Ask, thing: int) -> Answer:
        """Its pictures; ``type`` and ``size`` leave only those renderings."""
        files = self._things.files
        images = [files.image(thing, k) for k in range(files.image_count(thing))]
        for image in images:
            image["sizes"] = [
                size
                for size in image["sizes"]
                if all(ask.query.get(key, size[key]) == size[key] for key in ("type", "size"))
            ]
        return ok(images)

    def ancestors(self, ask: Ask, thing: int) -> Answer:
        """Direct parents."""
        parents = self._catalogue.parents(thing, ask.day)
        return ok([self._things.item(parent, ask.day) for parent in parents])

    def derivatives(self, ask: Ask, thing: int) -> Answer:
        """What was remixed from it, newest first."""
        children = self._catalogue.children(thing, ask.day)
        return self._listing.plain(ask, children, lambda child: self._things.item(child, ask.day))

    def copies(self, ask: Ask, thing: int) -> Answer:
        """Its makes, newest first."""
        makes = self._catalogue.makes(thing, ask.day)[::-1]
        return self._listing.plain(ask, makes, lambda make: self._copies.copy(make, ask.day))

    def likes(self, ask: Ask, thing: int) -> Answer:
        """Users who like it."""
        likers = self._likes.likers(thing, ask.day)
        return self._listing.plain(ask, likers, lambda user: self._things.users.summary(user, ask.day))

    def tags(self, ask: Ask, thing: int) -> Answer:
        """Its tags."""
        return ok(self._things.tags.tags(thing))

    def categories(self, ask: Ask, thing: int) -> Answer:
        """Its category, in a list."""
        return ok([self._things.category(thing)])

    def comments(self, ask: Ask, thing: int) -> Answer:
        """All comments."""
        return self._listing.plain(ask, self._copies.comments(thing, ask.day), dict)

    def root_comments(self, ask: Ask, thing: int) -> Answer:
        """Comments that reply to none."""
        return self._listing.plain(ask, self._copies.comments(thing, ask.day, roots_only=True), dict)

    def file(self, ask: Ask, text: str) -> Answer:
        """One file by its id."""
        thing, place = divmod(number(text) or 0, 32)
        if not self._catalogue.life.visible(thing, ask.day) or place >= self._things.files.file_count(thing):
            return error(404, "Not Found")
        return ok(self._things.files.file(thing, place, ask.day))

    def copy(self, ask: Ask, text: str) -> Answer:
        """One make by its id."""
        make = (number(text) or 0) - 1
        if not self._catalogue.make_exists(make, ask.day):
            return error(404, "Not Found")
        return ok(self._copies.copy(make, ask.day))

    def random(self, ask: Ask) -> Answer:
        """Five well-liked things, other ones each time."""
        catalogue = self._catalogue
        ranks = (self._random.number(ask.ordinal, k) % (catalogue.capacity // 20 + 1) for k in range(200))
        liked = dict.fromkeys(catalogue.visible(map(catalogue.families.at_rank, ranks), ask.day))
        famous = sorted(liked, key=lambda thing: catalogue.like_count(thing, ask.day) < 1000)
        return ok(famous[:5])
