"""The lists of the API as data: where each is asked and how its rows are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tvspiders.api import parsing, urls
from tvspiders.api.lists.rows import Listing

About = dict[str, Any]
"""What a list's rows need to know besides the subject; JSON."""

SINGLE_PAGE = 30
"""Rows from which on a list that is documented without pages is asked for a second one."""


@dataclass(frozen=True)
class Kind:
    """One kind of list."""

    subject: str
    """Whose list: ``thing``, ``user``, ``collection``, ``category``, ``tag`` or ``site``."""
    name: str
    """Which list, as in its address."""
    path: Callable[[Any, int], str]
    """Address of a page, from subject and page number."""
    parse: Callable[[Any, Any, About], Listing]
    """Rows of a page, from document, subject and what else is known."""
    paged: bool = True
    """Whether the list is documented with pages."""


KINDS = {
    "thing-files": Kind("thing", "files", urls.files, lambda d, of, about: parsing.files(d, of), paged=False),
    "thing-images": Kind(
        "thing", "images", urls.images, lambda d, of, about: parsing.images(d, of), paged=False
    ),
    "thing-comments": Kind("thing", "comments", urls.comments, lambda d, of, about: parsing.comments(d, of)),
    "thing-makes": Kind("thing", "copies", urls.copies, lambda d, of, about: parsing.copies(d, thing_id=of)),
    "thing-categories": Kind(
        "thing",
        "categories",
        lambda of, page: urls.thing_categories(of),
        lambda d, of, about: parsing.thing_categories(d, of),
        paged=False,
    ),
    "user-things": Kind("user", "things", urls.user_things, lambda d, of, about: parsing.thing_rows(d)),
    "user-makes": Kind("user", "copies", urls.user_copies, lambda d, of, about: parsing.copies(d, maker=of)),
    "user-likes": Kind(
        "user",
        "likes",
        urls.user_likes,
        lambda d, of, about: parsing.user_likes(d, of, about["user_id"]),
    ),
    "user-collections": Kind(
        "user", "collections", urls.user_collections, lambda d, of, about: parsing.collections(d, of)
    ),
    "user-followers": Kind(
        "user",
        "followers",
        urls.followers,
        lambda d, of, about: parsing.followers(d, of, about["user_id"]),
    ),
    "user-following": Kind(
        "user",
        "following",
        urls.following,
        lambda d, of, about: parsing.following(d, of, about["user_id"]),
    ),
    "collection-things": Kind(
        "collection",
        "things",
        urls.collection_things,
        lambda d, of, about: parsing.collection_things(d, of),
    ),
    "categories": Kind(
        "category",
        "categories",
        lambda of, page: urls.categories(page),
        lambda d, of, about: parsing.categories(d),
    ),
    "category-things": Kind(
        "category",
        "things",
        urls.category_things,
        lambda d, of, about: parsing.category_things(d, of, about.get("category")),
    ),
    "tag-things": Kind("tag", "things", urls.tag_things, lambda d, of, about: parsing.thing_rows(d)),
    "tag-search": Kind("tag", "search", urls.tag_search, lambda d, of, about: parsing.thing_rows(d)),
    "listing": Kind("site", "things", urls.listed, lambda d, of, about: parsing.thing_rows(d)),
    "derivatives": Kind(
        "thing",
        "derivatives",
        urls.derivatives,
        lambda d, of, about: parsing.derivatives(d, of),
    ),
    "ancestors": Kind(
        "thing",
        "ancestors",
        lambda of, page: urls.ancestors(of),
        lambda d, of, about: parsing.ancestors(d, of),
        paged=False,
    ),
    # older versions asked for this name by itself
    "remixes": Kind("thing", "remixes", urls.remixes, lambda d, of, about: parsing.derivatives(d, of)),
}
"""All lists that a spider reads, by the name that its requests carry."""
