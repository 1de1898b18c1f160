"""Makes (the API calls them copies), comments and collections."""

from __future__ import annotations

from datetime import timedelta

from tvspiders.sandbox.api.shapes.places import API, CDN, WWW, Json, folder, rendering, stamp
from tvspiders.sandbox.api.shapes.things import ThingShapes
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.lifecycle import TODAY
from tvspiders.sandbox.catalogue.mixing import Source
from tvspiders.sandbox.catalogue.texts import Texts
from tvspiders.sandbox.catalogue.vocabulary import SENTENCES


class CopyShapes:
    """JSON of makes, comments and collections."""

    def __init__(self, catalogue: Catalogue, things: ThingShapes) -> None:
        self._catalogue = catalogue
        self._things = things
        self._source = Source(catalogue.seed, "copies")

    def copy(self, make: int, day: int) -> Json:
        """A make by its number (id - 1)."""
        catalogue, drawn = self._catalogue, self._source.number(make)
        thing, place = catalogue.made_thing(make)
        added = catalogue.life.added(thing)
        age = (TODAY + timedelta(days=day) - added) * (place + 1) / (catalogue.make_count(thing, day) + 2)
        text = ("", None, SENTENCES[drawn % len(SENTENCES)])[drawn >> 8 & 3 if drawn >> 8 & 3 < 3 else 0]
        number = make + 1
        return {
            "id": number,
            "url": f"{API}/copies/{number}",
            "public_url": f"{WWW}/make:{number}",
            "added": stamp((added + age).replace(microsecond=0)),
            "like_count": drawn >> 16 & 3,
            "comment_count": drawn >> 18 & 1,
            "description": text,
            "description_html": Texts.html(text or ""),
            "is_liked": False,
            "maker": self._things.users.summary(catalogue.maker(make), day),
            "thing": self._things.item(thing, day),
            "thumbnail": rendering(drawn, "thumb", "medium", "make.jpg"),
            "preview_image": rendering(drawn, "preview", "card", "make.jpg"),
            "images_url": f"{API}/copies/{number}/images",
        }

    def comments(self, thing: int, day: int, *, roots_only: bool = False) -> list[Json]:
        """The comments under a thing: the roots first, then the replies to them."""
        counts = self._catalogue.counts(thing, day)
        number = counts.root_comments if roots_only else counts.comments
        return [
            self._comment(thing, place, counts.root_comments, counts.comments, day) for place in range(number)
        ]

    def _comment(self, thing: int, place: int, roots: int, total: int, day: int) -> Json:
        catalogue, drawn = self._catalogue, self._source.number(thing, place, 1)
        first = catalogue.people.makes.left.slots(catalogue.families.rank(thing)).start * 2 + 1
        number, is_root = first + place, place < roots
        parent = first + drawn % roots if not is_root else 0
        deleted = drawn >> 8 & 31 == 0
        user = (drawn >> 16) % catalogue.people.count
        added = catalogue.life.added(thing) + timedelta(hours=1 + 30 * place)
        body = "Comment has been deleted" if deleted else SENTENCES[drawn % len(SENTENCES)]
        return {
            "id": number,
            "url": f"{API}/comments/{number}",
            "target_type": "thing",
            "target_id": thing,
            "public_url": f"{WWW}/thing:{thing}/comments#comment-{number}",
            "target_url": f"{API}/thing/{thing}",
            "body": body,
            "body_html": Texts.html(body),
            "user": None if catalogue.people.gone(user) else self._things.users.summary(user, day),
            "added": stamp(added),
            "modified": "" if drawn >> 40 & 7 else stamp(added + timedelta(hours=2)),
            "parent_id": "" if is_root else parent,
            "parent_url": "" if is_root else f"{API}/comments/{parent}",
            "is_deleted": deleted,
            "attachments": [],
            "needs_moderation": False,
            "is_root_comment": is_root,
            "has_children": is_root and total > roots and drawn >> 44 & 1 == 1,
        }

    def collection(self, collection: int, user: int, day: int) -> Json:
        """A collection of a user."""
        drawn = self._source.number(collection, 2)
        creator = self._things.users.summary(user, day)
        things = self._catalogue.collected(collection, day)
        text = "" if drawn & 1 else "Things for my printers.\r\nStill sorting."
        name = f"{('Things to Make', 'Upgrades', 'Gifts & more', '未整理')[drawn >> 4 & 3]} {drawn >> 8 & 15}"
        pictures = [rendering(drawn + k, "preview", "medium", "thing.png") for k in range(4)]
        added = TODAY - timedelta(days=200 + drawn % 3000, seconds=drawn % 86400)
        return {
            "id": collection,
            "name": name,
            "description": text,
            "description_html": Texts.html(text),
            "added": stamp(added),
            "modified": stamp(added + timedelta(days=drawn % 190)),
            "creator": creator,
            "url": f"{API}/collections/{collection}",
            "count": len(things),
            "is_editable": False,
            "is_liked": False,
            "is_watched": False,
            "featured_thing_id": 0,
            "preview_image": f"{CDN}/assets/{folder(drawn)}/card_preview.png",
            "absolute_url": f"{WWW}/{creator['name']}/collections/{collection}/things",
            "is_featured": False,
            "featured_thing": None,
            "thumbnail": rendering(drawn, "preview", "medium", "thing.png"),
            **{f"thumbnail_{k + 1}": picture for k, picture in enumerate(pictures)},
        }
