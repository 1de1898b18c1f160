"""Expected results of a complete crawl.

Worked out from the catalogue, not from the answers, so that a crawl can be
compared with it thing by thing and edge by edge.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tvspiders.sandbox.api.endpoints.search import question
from tvspiders.sandbox.api.odd_pages import OddPages
from tvspiders.sandbox.api.shapes.places import API, WWW, stamp
from tvspiders.sandbox.api.site import Site
from tvspiders.sandbox.catalogue.categories import BY_SLUG
from tvspiders.sandbox.config import SandboxConfig


class Oracle:
    """Expectations on one day.

    >>> oracle = Oracle(SandboxConfig(things=20_000))
    >>> len(oracle.search("planters")["ids"])
    207
    """

    def __init__(self, config: SandboxConfig, day: int | None = None, *, site: Site | None = None) -> None:
        """The site can be given to save building it again."""
        self._site = site or Site(config)
        self._catalogue = self._site.catalogue
        self.day = config.day if day is None else day

    def state(self, thing: int) -> str:
        """``visible``, ``gone`` (404) or ``hidden`` (403)."""
        state = self._catalogue.state(thing, self.day)
        if state.hidden:
            return "hidden"
        return "visible" if self._catalogue.life.visible(thing, self.day) else "gone"

    def thing(self, thing: int) -> dict[str, Any]:
        """The columns of a visible thing; of another one only its id and state."""
        catalogue, day, site = self._catalogue, self.day, self._site
        found: dict[str, Any] = {"id": thing, "state": self.state(thing)}
        if found["state"] != "visible":
            return found
        counts = catalogue.counts(thing, day)
        user = catalogue.creator(thing)
        name = None if user is None else catalogue.people.name(user)
        added = stamp(catalogue.life.added(thing))
        noun = catalogue.words.noun(thing)
        return (
            found
            | {
                "name": site.things.texts.name(thing),
                "creator": name,
                "creator_id": None if user is None else catalogue.people.id(user),
                "creator_url": None if name is None else f"{API}/users/{name}",
                "creator_public_url": None if name is None else f"{WWW}/{name}",
                "added": added,
                "modified": added,
                "license": catalogue.license(thing)[1],
                "download_count": counts.downloads,
                "view_count": counts.views,
                "like_count": site.likes.count(thing, day),
                "make_count": counts.makes,
                "remix_count": counts.remixes,
                "collect_count": counts.collects,
                "comment_count": counts.comments,
                "file_count": site.things.files.file_count(thing),
                "tags": site.things.tags.names(thing),
                "categories": [noun.category.name],
                "category_slug": noun.category.slug,
                "ancestors": catalogue.parents(thing, day),
                "is_featured": catalogue.featured(thing) if self._site.config.vintage >= 2025 else None,
                "is_wip": catalogue.flags(thing).wip,
                "is_nsfw": catalogue.flags(thing).nsfw,
                "url": f"{WWW}/thing:{thing}",
                "api_url": f"{API}/things/{thing}",
                "description": site.things.texts.description(thing),
            }
            | site.corrections.get(thing, {})
        )

    def things(self, ids: Iterable[int]) -> list[dict[str, Any]]:
        """The columns of several."""
        return [self.thing(thing) for thing in ids]

    def search(self, term: str = "", *, limit: int | None = None, **parameters: Any) -> dict[str, Any]:
        """A search with the query parameters of the API; ``limit`` for the first so many.

        ``edges`` are those the details of the visible hits name, parent first.
        """
        query = {name: str(value) for name, value in parameters.items()}
        ids = list(self._site.finder.things(question(query, term), self.day))
        return self._list(ids, limit)

    def category(self, slug: str, *, limit: int | None = None) -> dict[str, Any]:
        """The things of a category."""
        if slug not in BY_SLUG:
            return self._list([], limit)
        return self._list(list(self._site.finder.category(slug, self.day)), limit)

    def tag(self, name: str, *, limit: int | None = None) -> dict[str, Any]:
        """The things with a tag."""
        return self._list(list(self._site.finder.tag(name, self.day) or ()), limit)

    def collection(self, number: int, *, limit: int | None = None) -> dict[str, Any]:
        """The things in a collection."""
        if self._catalogue.collector(number) is None:
            return self._list([], limit)
        return self._list(self._catalogue.collected(number, self.day), limit)

    def listed(self, kind: str, *, limit: int | None = None) -> dict[str, Any]:
        """The things of ``/newest``, ``/popular``, ``/featured`` or ``/verified``."""
        return self._list(list(self._site.finder.listed(kind, self.day)), limit)

    def user(self, name: str) -> dict[str, Any]:
        """A user and the ids of the profile's lists; ``state`` is gone for none."""
        catalogue, day = self._catalogue, self.day
        user = catalogue.people.rank_of_name(name)
        if user is None or catalogue.people.gone(user):
            return {"username": name, "state": "gone"}
        profile = self._site.things.users.profile(user, day)
        guide = "user-counts" in self._site.config.words
        return {
            "username": profile["name"],
            "id": profile["id"],
            "state": "visible",
            "follower_count": profile["follower_count" if guide else "count_of_followers"],
            "following_count": profile["following_count" if guide else "count_of_following"],
            "thing_count": profile["thing_count" if guide else "count_of_designs"],
            "make_count": profile["make_count"],
            "like_count": len(self._site.likes.of(user, day)),
            "collection_count": profile["collection_count"],
            "skill_level": profile["skill_level"],
            "registered": profile["registered"],
            "location": profile["location"],
            "things": catalogue.designs(user, day),
            "likes": self._site.likes.of(user, day),
            "makes": [make + 1 for make in catalogue.copies(user, day)],
            "made_things": [catalogue.made_thing(make)[0] for make in catalogue.copies(user, day)],
            "collections": catalogue.collections(user),
        }

    def collected(self, collection: int) -> list[int]:
        """Things that a collection shows."""
        return self._catalogue.collected(collection, self.day)

    def remixes(
        self, roots: Iterable[int], *, direction: str = "both", depth: int | None = None
    ) -> dict[str, Any]:
        """All that can be walked from the roots along remix edges.

        ``direction`` is ``children``, ``parents`` or ``both``; ``depth`` None is
        without end. ``nodes`` maps an id to its state and distance; nothing is
        walked beyond what cannot be seen. ``edges`` are all parent-child pairs
        among the nodes that an answer about a visible node names in the
        directions walked; ``beyond`` are those that lead out of the depth.
        """
        level = list(dict.fromkeys(roots))
        distance = dict.fromkeys(level, 0)
        edges: set[tuple[int, int]] = set()
        while level:
            following: list[int] = []
            for thing in level:
                for edge, other in self._edges(thing, direction):
                    edges.add(edge)
                    if other not in distance and (depth is None or distance[thing] < depth):
                        distance[other] = distance[thing] + 1
                        following.append(other)
            level = following
        inside = sorted(edge for edge in edges if edge[0] in distance and edge[1] in distance)
        return {
            "nodes": {
                str(t): {"state": self.state(t), "distance": far} for t, far in sorted(distance.items())
            },
            "edges": [list(edge) for edge in inside],
            "beyond": [list(edge) for edge in sorted(edges.difference(inside))],
        }

    def hubs(self, count: int = 5) -> list[int]:
        """Visible things with the most derivatives, of the best known: roots for a walk."""
        ranks = range(min(self._catalogue.capacity, 3 * self._catalogue.families.families, 2000))
        known = self._catalogue.visible(map(self._catalogue.families.at_rank, ranks), self.day)
        known.sort(key=lambda thing: -len(self._catalogue.children(thing, self.day)))
        return known[:count]

    def prolific(self, count: int = 5) -> list[str]:
        """Names of the users who have published most, deleted accounts left out."""
        people = self._catalogue.people
        return [people.name(rank) for rank in range(min(count, people.count)) if not people.gone(rank)]

    def _edges(self, thing: int, direction: str) -> list[tuple[tuple[int, int], int]]:
        if self.state(thing) != "visible":
            return []
        found: list[tuple[tuple[int, int], int]] = []
        if direction in ("parents", "both"):
            found += [((parent, thing), parent) for parent in self._catalogue.parents(thing, self.day)]
        if direction in ("children", "both"):
            found += [((thing, child), child) for child in self._catalogue.children(thing, self.day)]
        return found

    def lasting(self, ids: list[int], pages: int) -> list[int]:
        """Those of a list's ids that were there from its first page to the one that was answered last.

        ``pages`` is how many pages of it were answered; see ``row_moves`` of the configuration.
        """
        odd = OddPages(self._site.config)
        odd.answered[""] = max(0, pages - 1)
        return odd.lasting("", ids)

    def _list(self, ids: list[int], limit: int | None) -> dict[str, Any]:
        shown = ids[:limit]
        states = {thing: self.state(thing) for thing in shown}
        visible = [thing for thing in shown if states[thing] == "visible"]
        return {
            "total": len(ids),
            "ids": shown,
            "visible": visible,
            "gone": [thing for thing in shown if states[thing] == "gone"],
            "hidden": [thing for thing in shown if states[thing] == "hidden"],
            "edges": [[p, thing] for thing in visible for p in self._catalogue.parents(thing, self.day)],
        }
