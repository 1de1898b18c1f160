"""Tags and categories."""

from __future__ import annotations

import re
from urllib.parse import quote

from tvspiders.sandbox.api.shapes.places import API, WWW, Json
from tvspiders.sandbox.api.vintages import Vintage
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.categories import Category
from tvspiders.sandbox.catalogue.words import normal


def tag_path(name: str) -> str:
    """A tag as it stands in an address: spaces to ``_``, no other signs.

    >>> tag_path("Fusion 360!"), tag_path("日本")
    ('fusion_360', '日本')
    """
    return re.sub(r"[^\w-]", "", name.strip().lower().replace(" ", "_"))


class TagShapes:
    """JSON of tags and categories."""

    def __init__(self, catalogue: Catalogue, vintage: Vintage) -> None:
        self._catalogue = catalogue
        self._absolute = "/tag:" if vintage.year >= 2025 else f"{WWW}/tag:"
        self._share = catalogue.things / catalogue.capacity

    def names(self, thing: int) -> list[str]:
        """The tags of a thing: the words it is found by. One thing in 25 shows none."""
        if (self._catalogue.drawn(thing) >> 54) % 25 == 0:
            return []
        words = self._catalogue.words
        named = (words.noun(thing).word, words.modifier(thing), words.label(thing))
        return [name for name in named if name]

    def tag(self, name: str) -> Json:
        """One tag. Its count is stated, not counted: it differs a little from the list."""
        where = self._catalogue.words.known(normal(name))
        path = tag_path(name)
        url = f"{API}/tags/{quote(path)}"
        return {
            "name": name,
            "tag": path,
            "url": url,
            "count": int(len(where) * self._share) if where else 0,
            "things_url": f"{url}/things",
            "absolute_url": self._absolute + (name if name.isascii() and " " not in name else path),
        }

    def tags(self, thing: int) -> list[Json]:
        """All tags of a thing."""
        return [self.tag(name) for name in self.names(thing)]

    def category(self, category: Category) -> Json:
        """One category; the count is stated, as that of a tag."""
        url = f"{API}/categories/{category.slug}"
        return {
            "id": category.id,
            "name": category.name,
            "url": url,
            "count": int(len(self._catalogue.words.category(category.slug)) * self._share),
            "slug": category.slug,
            "things_url": f"{url}/things",
        }
