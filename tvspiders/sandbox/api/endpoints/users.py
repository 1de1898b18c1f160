"""``/users/...`` and ``/collections/...``."""

from __future__ import annotations

from collections.abc import Callable

from tvspiders.sandbox.api.answers import Answer, error, ok
from tvspiders.sandbox.api.endpoints.listing import Listing
from tvspiders.sandbox.api.endpoints.search import question
from tvspiders.sandbox.api.endpoints.things import number
from tvspiders.sandbox.api.routing import Ask, Router
from tvspiders.sandbox.api.shapes.copies import CopyShapes
from tvspiders.sandbox.api.shapes.things import ThingShapes
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.likes import ME, Likes
from tvspiders.sandbox.catalogue.search import Finder

_Below = Callable[[Ask, int], Answer]


class UserEndpoints:
    """A user and the profile's lists."""

    def __init__(
        self,
        catalogue: Catalogue,
        finder: Finder,
        things: ThingShapes,
        copies: CopyShapes,
        listing: Listing,
        likes: Likes,
        *,
        words: frozenset[str],
    ) -> None:
        self._catalogue = catalogue
        self._finder = finder
        self._things = things
        self._copies = copies
        self._listing = listing
        self._likes = likes
        self._words = words

    def route(self, router: Router) -> None:
        """Add the paths."""
        below: dict[str, _Below] = {
            "": self.profile,
            "things": self.things,
            "likes": self.likes,
            "favorites": self.likes,
            "makes" if "makes" in self._words else "copies": self.copies,
            "collections": self.collections,
            "followers": self.followers,
            "following": self.following,
            "search": self.search,
        }
        for name, handler in below.items():
            router.add(f"/users/{{name}}/{name}", self._of_user(handler))
        router.add("/users/{name}/search/{term}", self._of_user(self.search))
        router.add("/collections/{id}", self.collection)
        router.add("/collections/{id}/things", self.collection_things)

    def _of_user(self, handler: _Below) -> Callable[..., Answer]:
        def answer(ask: Ask, name: str, *_: str) -> Answer:
            people = self._catalogue.people
            user = ME if name == "me" else people.rank_of_name(name)
            if user is None or people.gone(user):
                return error(404, "")
            return handler(ask, user)

        return answer

    def profile(self, ask: Ask, user: int) -> Answer:
        """The user, by a name in any case."""
        found = self._things.users.profile(user, ask.day, me=ask.segments[1] == "me" and not ask.read_only)
        if "like_count" in found:
            found["like_count"] = len(self._likes.of(user, ask.day))
        return ok(found)

    def _items(self, ask: Ask, things: list[int]) -> Answer:
        return self._listing.plain(ask, things, lambda thing: self._things.item(thing, ask.day))

    def things(self, ask: Ask, user: int) -> Answer:
        """What the user has published, newest first."""
        return self._items(ask, self._catalogue.designs(user, ask.day))

    def likes(self, ask: Ask, user: int) -> Answer:
        """What the user likes."""
        return self._items(ask, self._likes.of(user, ask.day))

    def copies(self, ask: Ask, user: int) -> Answer:
        """What the user has printed."""
        makes = self._catalogue.copies(user, ask.day)
        return self._listing.plain(ask, makes, lambda make: self._copies.copy(make, ask.day))

    def collections(self, ask: Ask, user: int) -> Answer:
        """The user's collections."""
        found = self._catalogue.collections(user)
        return self._listing.plain(ask, found, lambda number: self._copies.collection(number, user, ask.day))

    def _summaries(self, ask: Ask, users: list[int]) -> Answer:
        present = [user for user in dict.fromkeys(users) if not self._catalogue.people.gone(user)]
        return self._listing.plain(ask, present, lambda user: self._things.users.summary(user, ask.day))

    def followers(self, ask: Ask, user: int) -> Answer:
        """Who follows the user."""
        return self._summaries(ask, self._catalogue.followers(user))

    def following(self, ask: Ask, user: int) -> Answer:
        """Whom the user follows."""
        return self._summaries(ask, self._catalogue.following(user))

    def search(self, ask: Ask, user: int) -> Answer:
        """A search among what the user has published."""
        term = ask.segments[3] if len(ask.segments) > 3 else ""
        things = self._finder.things(question(ask.query, term, creator=user), ask.day)
        return self._listing.hits(ask, things, lambda thing: self._things.item(thing, ask.day, hit=True))

    def collection(self, ask: Ask, text: str) -> Answer:
        """One collection."""
        collection = number(text) or 0
        user = self._catalogue.collector(collection)
        if user is None:
            return error(404, f"Collection {text} does not exist")
        return ok(self._copies.collection(collection, user, ask.day), max_age=1800)

    def collection_things(self, ask: Ask, text: str) -> Answer:
        """The things of a collection; ``sort`` is ``newest`` or ``popular``."""
        collection = number(text) or 0
        if self._catalogue.collector(collection) is None:
            return error(404, f"Collection {text} does not exist")
        things = self._catalogue.collected(collection, ask.day)
        if ask.query.get("sort") == "newest":
            things = sorted(things, reverse=True)
        elif ask.query.get("sort") == "popular":
            things = sorted(things, key=self._catalogue.families.rank)
        return self._items(ask, things)
