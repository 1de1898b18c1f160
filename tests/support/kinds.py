"""Kinds of answers: for each a recording, and the parser that reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.recordings import load
from tvspiders.api import parsing
from tvspiders.api.document import read_json
from tvspiders.api.lists.rows import Listing
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem

ALL_PARTS = parsing.DETAIL_PARTS | {"parents"}


@dataclass(frozen=True)
class Kind:
    """One recorded answer and how it is read."""

    recording: Callable[[], Any]
    parse: Callable[[Any], list[AnyItem] | Listing]


def detail(name: str, number: int) -> Kind:
    return Kind(lambda: load(name), lambda document: parsing.thing_detail(document, number, ALL_PARTS))


def wrapped(name: str) -> Callable[[], Any]:
    """A recorded row or list as the hits of a search."""
    return lambda: {"total": 425, "hits": load(name)}


KINDS: dict[str, Kind] = {
    "detail-2015": detail("thing-detail-15528-2015", 15528),
    "detail-2019": detail("thing-detail-3730558-2019", 3730558),
    "detail-2020": detail("thing-detail-920-2020", 920),
    "detail-2021": detail("thing-detail-293620-2021", 293620),
    "detail-2022": detail("thing-detail-922740-2022", 922740),
    "detail-2025": detail("thing-detail-4049220-2025", 4049220),
    "search-2020": Kind(lambda: load("search-things-2020-07"), parsing.thing_rows),
    "search-2025": Kind(lambda: load("search-things-newest-2025"), parsing.thing_rows),
    "newest": Kind(lambda: load("newest-2019-11"), parsing.thing_rows),
    "category-things": Kind(
        lambda: load("popular-2021-11"), lambda d: parsing.category_things(d, "art", "Art")
    ),
    "collection-things": Kind(
        lambda: load("collection-16696069-things-p1-2025"), lambda d: parsing.collection_things(d, 16696069)
    ),
    "user-likes": Kind(wrapped("newest-2020-03"), lambda d: parsing.user_likes(d, "Amber", 7)),
    "derivatives": Kind(
        lambda: load("things-293620-derivatives-2021"), lambda d: parsing.derivatives(d, 293620)
    ),
    "ancestors": Kind(
        lambda: load("thing-detail-298614-2021")["ancestors"], lambda d: parsing.ancestors(d, 298614)
    ),
    "profile": Kind(lambda: load("user-small-2025"), lambda d: parsing.user_profile(d, "Amber")),
    "me": Kind(lambda: load("user-me-2022"), lambda d: parsing.user_profile(d, "me")),
    "users": Kind(lambda: load("search-users-2021"), parsing.user_rows),
    "followers": Kind(lambda: load("search-users-2021"), lambda d: parsing.followers(d, "Amber", 7)),
    "following": Kind(lambda: load("search-users-2021"), lambda d: parsing.following(d, "Amber", 7)),
    "thing-likes": Kind(lambda: load("search-users-2021"), lambda d: parsing.thing_likes(d, 2)),
    "copies-2020": Kind(lambda: load("things-2-copies-2020"), lambda d: parsing.copies(d, 2)),
    "copies-2021": Kind(lambda: load("things-34110-copies-2021"), lambda d: parsing.copies(d, maker="Amber")),
    "collection": Kind(lambda: load("collection-16696069-2025"), lambda d: parsing.collection(d, 16696069)),
    "collections": Kind(
        lambda: [load("collection-16696069-2025")], lambda d: parsing.collections(d, "Amber")
    ),
    "categories": Kind(lambda: load("categories-list-2015"), parsing.categories),
    "category": Kind(
        lambda: load("things-295776-categories-2021")[0] | {"children": load("categories-list-2015")},
        lambda d: parsing.category(d, "people"),
    ),
    "thing-categories": Kind(
        lambda: load("things-295776-categories-2021"), lambda d: parsing.thing_categories(d, 295776)
    ),
    "tags": Kind(lambda: load("things-3730558-tags-2019"), parsing.tags),
    "files": Kind(lambda: load("things-3730558-files-2019"), lambda d: parsing.files(d, 3730558)),
    "images": Kind(lambda: load("things-922740-images-2022"), lambda d: parsing.images(d, 922740)),
    "comments": Kind(lambda: load("things-313371-root-comments-2021"), lambda d: parsing.comments(d, 313371)),
}


def read_items(kind: str, body: bytes) -> tuple[list[AnyItem], list[str]]:
    """Items of an answer of this kind, and the reasons why the rest of it was refused."""
    try:
        found = KINDS[kind].parse(read_json(body))
    except AnswerRefused as error:
        return [], [error.reason]
    if isinstance(found, Listing):
        return found.items, [row.reason for row in found.refused]
    return found, []
