"""Users: the profile, and the summary inside other answers."""

from __future__ import annotations

from datetime import timedelta

from tvspiders.sandbox.api.shapes.places import API, CDN, WWW, Json, folder, stamp
from tvspiders.sandbox.api.vintages import Vintage
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.lifecycle import FIRST, TODAY
from tvspiders.sandbox.catalogue.mixing import Source
from tvspiders.sandbox.catalogue.texts import Texts
from tvspiders.sandbox.catalogue.vocabulary import FIRST_NAMES, LAST_NAMES, PLACES

_LEVELS = ("", "", "", "0", "Novice", "Intermediate", "Advanced", "Advanced")
_NEVER = "-001-11-30T00:00:00+00:00"
"""A registration date that was recorded, and that no date parser likes."""

_GUIDE = {
    "count_of_followers": "follower_count",
    "count_of_following": "following_count",
    "count_of_designs": "thing_count",
}


class UserShapes:
    """JSON of users, by rank."""

    def __init__(self, catalogue: Catalogue, vintage: Vintage, *, guide: bool = False) -> None:
        self._catalogue = catalogue
        self._vintage = vintage
        self._guide = guide
        self._source = Source(catalogue.seed, "users")

    def summary(self, user: int, day: int) -> Json:
        """The creator of a thing, the maker of a copy, a hit of a search for users."""
        catalogue = self._catalogue
        name = catalogue.people.name(user)
        drawn = self._source.number(user)
        recent = self._vintage.year >= 2025
        found: Json = {
            "id": catalogue.people.id(user),
            "name": name,
            "first_name": FIRST_NAMES[drawn % len(FIRST_NAMES)],
            "last_name": LAST_NAMES[(drawn >> 8) % len(LAST_NAMES)],
            "url": f"{API}/users/{name}",
            "public_url": f"{WWW}/{name}",
            "thumbnail": f"{CDN}/site/img/default/avatar/avatar_default_thumb_medium.jpg"
            if drawn >> 16 & 1
            else f"{CDN}/assets/{folder(drawn)}/avatar_thumb_medium.jpg",
            "count_of_followers": catalogue.follower_count(user),
            "count_of_following": catalogue.following_count(user),
            "count_of_designs": catalogue.design_count(user, day),
        }
        if recent:
            found["collection_count"] = catalogue.collection_count(user)
            found["make_count"] = catalogue.copy_count(user, day)
        found["accepts_tips"] = bool(drawn >> 17 & 1)
        found["is_following"] = False
        found["location"] = PLACES[(drawn >> 20) % len(PLACES)]
        found["cover"] = f"{CDN}/site/img/default/cover/cover-{1 + (drawn >> 28) % 10}_preview_large.jpg"
        if recent:
            found["is_admin"] = found["is_moderator"] = False
            found["is_featured"] = drawn >> 32 & 63 == 0
            found["is_verified"] = drawn >> 38 & 63 == 0
        if self._vintage.year >= 2026:
            found["count_of_downloads"] = (drawn >> 44) % 1000 * found["count_of_designs"]
            found["is_exclusive"] = False
            found["membership_level"] = None
        return self._named(found)

    def profile(self, user: int, day: int, *, me: bool = False) -> Json:
        """The whole user; ``me`` for the owner of the token."""
        catalogue, drawn = self._catalogue, self._source.number(user, 1)
        summary = self.summary(user, day)
        name = summary["name"]
        bio = (
            ""
            if drawn & 3 == 0
            else "I print what I cannot buy.\r\nSay hello at [my page](https://example.org)."
        )
        registered = FIRST + timedelta(days=drawn % (TODAY - FIRST).days, seconds=(drawn >> 16) % 86400)
        level = _LEVELS[(drawn >> 20) % len(_LEVELS)]
        full = f"{summary['first_name']} {summary['last_name']}".strip()
        url = f"{API}/users/{name}"
        found = summary | {
            "full_name": full,
            "email": "",
            "bio": bio,
            "level": 10,
            "bio_html": Texts.html(bio),
            "country": (None, "", "Germany", "US")[drawn >> 24 & 3],
            "industry": None if drawn >> 26 & 1 else "Commercial/Professional",
            "subindustry": None,
            "registered": _NEVER if drawn >> 28 & 63 == 0 else stamp(registered),
            "last_active": stamp(TODAY + timedelta(days=day, seconds=-(drawn >> 30) % 2_000_000)),
            "cover_image": summary["cover"].replace("_large", "_birdwing"),
            "things_url": f"{url}/things",
            "copies_url": f"{url}/copies",
            "likes_url": f"{url}/likes",
            "printers": self._printers(drawn),
            "programs": [{"id": 62, "name": "OpenSCAD"}] if drawn >> 40 & 1 else [],
            "types": [{"id": 7, "name": "Maker"}],
            "skill_level": level,
            "groups": self._groups(drawn),
            "website": "https://example.org" if drawn >> 41 & 1 else "",
            "twitter": {"account_name": name, "account_url": f"http://twitter.com/{name}"}
            if drawn >> 42 & 7 == 0
            else None,
            "collection_count": catalogue.collection_count(user),
            "make_count": catalogue.copy_count(user, day),
            "like_count": len(catalogue.liked(user, day)),
            "has_favorite": False,
            "favorite_count": 0,
            "is_admin": False,
        }
        keys = self._vintage.user
        if me:
            own = ("default_license", "current_app")
            keys = (*(key for key in keys if key != "is_following"), *own)
            found |= {
                "default_license": "cc-sa",
                "current_app": self._app(summary),
                "email": "me@example.org",
            }
        return {self._renamed(key): found[self._renamed(key)] for key in keys}

    @staticmethod
    def _printers(drawn: int) -> list[Json]:
        """One printer or none; its address may be null, plain text or a piece of HTML."""
        address = (None, "Cube 3", '<a href="https://example.org">Cube</a>')[drawn % 3]
        return [{"id": 40 + drawn % 7, "name": "Cube 3", "public_url": address}] if drawn >> 44 & 1 else []

    @staticmethod
    def _groups(drawn: int) -> list[Json]:
        number = 30 + drawn % 9
        group = {"id": number, "name": f"Group {number}", "public_url": f"{WWW}/groups/group-{number}"}
        return [group] if drawn >> 46 & 3 == 0 else []

    def _app(self, creator: Json) -> Json:
        return {
            "id": 4322,
            "name": "Sandbox app",
            "url": f"{API}/apps/4322",
            "public_url": f"{WWW}/app:4322",
            "thumbnail": f"{CDN}/site/img/default/Gears_thumb_medium.jpg",
            "creator": creator,
            "is_published": False,
            "is_approved": False,
        }

    def _renamed(self, key: str) -> str:
        return _GUIDE.get(key, key) if self._guide else key

    def _named(self, found: Json) -> Json:
        """In the guide's vocabulary when that was asked for."""
        return {_GUIDE.get(key, key): value for key, value in found.items()} if self._guide else found
