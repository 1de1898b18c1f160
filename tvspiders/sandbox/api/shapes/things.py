"""Things: the detail, and the item of every list and search."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tvspiders.sandbox.api.shapes.education import EDU_PARTS
from tvspiders.sandbox.api.shapes.files import FileShapes
from tvspiders.sandbox.api.shapes.places import API, WWW, Json, stamp
from tvspiders.sandbox.api.shapes.tags import TagShapes
from tvspiders.sandbox.api.shapes.users import UserShapes
from tvspiders.sandbox.api.vintages import Vintage
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.categories import BY_SLUG
from tvspiders.sandbox.catalogue.texts import Texts

_EMPTY_PARTS: tuple[Json, ...] = (
    {"type": "settings", "name": "Print Settings"},
    {"type": "tips", "name": "Post-Printing"},
    {"type": "design", "name": "How I Designed This"},
    {"type": "custom", "name": "Custom Section"},
)


class ThingShapes:
    """JSON of things."""

    def __init__(
        self, catalogue: Catalogue, vintage: Vintage, *, words: frozenset[str] = frozenset()
    ) -> None:
        self._catalogue = catalogue
        self._year = vintage.year
        self._vintage = vintage
        self._words = words
        self.texts = Texts(catalogue)
        self.users = UserShapes(catalogue, vintage, guide="user-counts" in words)
        self.tags = TagShapes(catalogue, vintage)
        self.files = FileShapes(catalogue, vintage)

    def creator(self, thing: int, day: int) -> Json | None:
        """The summary of who published it, null when the account is gone."""
        user = self._catalogue.creator(thing)
        return None if user is None else self.users.summary(user, day)

    def item(self, thing: int, day: int, *, hit: bool = False) -> Json:
        """A row of a list; ``hit`` for one of a search, where some flags were null."""
        catalogue, year = self._catalogue, self._year
        if thing > catalogue.capacity:
            return self._missing(thing, day)
        rank = catalogue.families.rank(thing)
        flags = catalogue.flags(thing)
        drawn = catalogue.drawn(thing)
        vague = hit and year < 2025
        no_comments = year == 2021 and hit and (drawn >> 14) % 3 == 0
        found: Json = {
            "id": thing,
            "name": self.texts.name(thing),
            "url": f"{API}/things/{thing}",
            "public_url": f"{WWW}/thing:{thing}",
            "created_at": stamp(catalogue.life.added(thing)),
            "thumbnail": self.files.picture(thing, "thumb", "medium"),
            "preview_image": self.files.picture(thing, "preview", "card"),
            "creator": self.creator(thing, day),
            "is_private": None if vague else 0,
            "is_purchased": None if vague else 0,
            "is_published": None if vague else 1,
            "is_featured": flags.featured,
            "is_edu_approved": None,
            "is_printable": flags.printable,
            "is_winner": flags.winner,
            "allows_derivatives": "No Derivatives" not in catalogue.license(thing)[1],
            "comment_count": None if no_comments else catalogue.comment_count(thing, day, rank),
            "make_count": catalogue.make_count(thing, day, rank),
            "like_count": catalogue.like_count(thing, day, rank),
            "tags": self.tags.tags(thing),
            "is_nsfw": flags.nsfw if vague else None,
            "is_ai": flags.ai,
            "rank": None,
            "collect_count": catalogue.counts(thing, day).collects if year >= 2025 else 0,
            "moderation": "",
            "is_banned": False,
            "needs_moderation": 0,
            "is_decoy": 0,
            "is_comments_disabled": False,
        }
        row = {key: found[key] for key in self._vintage.item}
        if "row-counts" in self._words:
            row |= {"added": found["created_at"], "download_count": catalogue.counts(thing, day).downloads}
        return row

    def _missing(self, thing: int, day: int) -> Json:
        """The row of a parent that is no longer a thing: it looks like any other row."""
        stand_in = self.item((thing - 1) % self._catalogue.capacity + 1, day)
        return stand_in | {
            "id": thing,
            "url": f"{API}/things/{thing}",
            "public_url": f"{WWW}/thing:{thing}",
        }

    def detail(self, thing: int, day: int) -> Json:
        """The whole thing."""
        catalogue, texts, year = self._catalogue, self.texts, self._year
        counts = catalogue.counts(thing, day)
        flags = catalogue.flags(thing)
        drawn = catalogue.drawn(thing)
        parents = catalogue.parents(thing, day)
        description = texts.description(thing)
        html = texts.html(description)
        url = f"{API}/things/{thing}"
        added = stamp(catalogue.life.added(thing))
        license_text = catalogue.license(thing)[1]
        found: dict[str, Any] = {
            "id": thing,
            "name": texts.name(thing),
            "thumbnail": self._thumbnail(thing),
            "url": url,
            "public_url": f"{WWW}/thing:{thing}",
            "creator": self.creator(thing, day),
            "added": added,
            "modified": added,
            "is_published": 1,
            "is_wip": int(flags.wip),
            "is_featured": flags.featured if year >= 2025 else None,
            "is_nsfw": flags.nsfw,
            "is_ai": flags.ai,
            "is_winner": flags.winner,
            "is_edu_approved": False,
            "is_printable": int(flags.printable) if year >= 2026 else flags.printable,
            "like_count": counts.likes,
            "is_liked": False,
            "collect_count": counts.collects,
            "is_collected": False,
            "comment_count": counts.comments,
            "is_watched": False,
            "default_image": self.files.default_image(thing) if self.files.has_picture(thing) else None,
            "description": description,
            "instructions": "",
            "description_html": html,
            "instructions_html": "<div></div>",
            "details": f'<div><h1 class="thing-component-header summary summary">Summary</h1>{html}</div>',
            "details_parts": [
                {"type": "summary", "name": "Summary", "required": "required", "data": [{"content": html}]},
                *_EMPTY_PARTS,
            ],
            "edu_details": "",
            "edu_details_parts": EDU_PARTS if year >= 2022 or drawn >> 52 & 7 == 0 else None,
            "license": license_text,
            "allows_derivatives": "No Derivatives" not in license_text,
            "files_url": f"{url}/files",
            "images_url": f"{url}/images",
            "likes_url": f"{url}/likes",
            "ancestors_url": f"{url}/ancestors",
            "derivatives_url": f"{url}/derivatives",
            "tags_url": f"{url}/tags",
            "tags": self.tags.tags(thing),
            "categories_url": f"{url}/categories",
            "file_count": self.files.file_count(thing),
            "layout_count": 0,
            "layouts_url": f"{API}/layouts/{thing}",
            "is_private": 0,
            "is_purchased": 0,
            "in_library": False,
            "print_history_count": 0,
            "app_id": 0 if year == 2021 and drawn >> 55 & 15 == 0 else None,
            "download_count": counts.downloads,
            "view_count": counts.views,
            "education": {"grades": [], "subjects": []},
            "remix_count": counts.remixes,
            "make_count": counts.makes,
            "app_count": 4,
            "root_comment_count": counts.root_comments,
            "moderation": "",
            "is_derivative": bool(parents),
            "ancestors": [self.item(parent, day) for parent in parents],
            "can_comment": True,
            "type_name": "Thing",
            "is_banned": False,
            "is_comments_disabled": False,
            "needs_moderation": 0,
            "is_decoy": 0,
            "zip_data": self.files.zip_data(thing) if year >= 2025 else None,
        }
        shown = {key: found[key] for key in self._vintage.detail}
        if "no-ancestors" in self._words:
            shown.pop("ancestors", None)
        if "categories" in self._words:
            shown["categories"] = [self.category(thing)]
        return shown

    def category(self, thing: int) -> Json:
        """The one category a thing is filed under."""
        return self._category(self._catalogue.words.noun(thing).category.slug)

    @lru_cache(maxsize=128)  # noqa: B019 - fewer categories than that
    def _category(self, slug: str) -> Json:
        return self.tags.category(BY_SLUG[slug])

    def _thumbnail(self, thing: int) -> str:
        address = self.files.picture(thing, "display", "large")
        return f"https://resize.thingiverse.com/?url={address}" if self._year >= 2026 else address
