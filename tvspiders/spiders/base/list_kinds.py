"""Table of the API's lists: the address of each, and the parser of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tvspiders.api import parsing, urls
from tvspiders.api.lists.rows import Listing

About = dict[str, Any]
"""What a list's rows need to know besides the subject; JSON."""

SINGLE_PAGE = 30
"""Rows from which on a list that is documented without pages is requested for a second one."""


@dataclass(frozen=True)
class ListKind:
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
    "thing-files": ListKind(
        "thing", "files", urls.files, lambda doc, subject, about: parsing.files(doc, subject), paged=False
    ),
    "thing-images": ListKind(
        "thing", "images", urls.images, lambda doc, subject, about: parsing.images(doc, subject), paged=False
    ),
    "thing-comments": ListKind(
        "thing", "comments", urls.comments, lambda doc, subject, about: parsing.comments(doc, subject)
    ),
    "thing-makes": ListKind(
        "thing", "copies", urls.copies, lambda doc, subject, about: parsing.copies(doc, thing_id=subject)
    ),
    "thing-categories": ListKind(
        "thing",
        "categories",
        lambda subject, page: urls.thing_categories(subject),
        lambda doc, subject, about: parsing.thing_categories(doc, subject),
        paged=False,
    ),
    "user-things": ListKind(
        "user", "things", urls.user_things, lambda doc, subject, about: parsing.thing_rows(doc)
    ),
    "user-makes": ListKind(
        "user", "copies", urls.user_copies, lambda doc, subject, about: parsing.copies(doc, maker=subject)
    ),
    "user-likes": ListKind(
        "user",
        "likes",
        urls.user_likes,
        lambda doc, subject, about: parsing.user_likes(doc, subject, about["user_id"]),
    ),
    "user-collections": ListKind(
        "user",
        "collections",
        urls.user_collections,
        lambda doc, subject, about: parsing.collections(doc, subject),
    ),
    "user-followers": ListKind(
        "user",
        "followers",
        urls.followers,
        lambda doc, subject, about: parsing.followers(doc, subject, about["user_id"]),
    ),
    "user-following": ListKind(
        "user",
        "following",
        urls.following,
        lambda doc, subject, about: parsing.following(doc, subject, about["user_id"]),
    ),
    "collection-things": ListKind(
        "collection",
        "things",
        urls.collection_things,
        lambda doc, subject, about: parsing.collection_things(doc, subject),
    ),
    "categories": ListKind(
        "category",
        "categories",
        lambda subject, page: urls.categories(page),
        lambda doc, subject, about: parsing.categories(doc),
    ),
    "category-things": ListKind(
        "category",
        "things",
        urls.category_things,
        lambda doc, subject, about: parsing.category_things(doc, subject, about.get("category")),
    ),
    "tag-things": ListKind(
        "tag", "things", urls.tag_things, lambda doc, subject, about: parsing.thing_rows(doc)
    ),
    "tag-search": ListKind(
        "tag", "search", urls.tag_search, lambda doc, subject, about: parsing.thing_rows(doc)
    ),
    "listing": ListKind("site", "things", urls.listed, lambda doc, subject, about: parsing.thing_rows(doc)),
    "derivatives": ListKind(
        "thing",
        "derivatives",
        urls.derivatives,
        lambda doc, subject, about: parsing.derivatives(doc, subject),
    ),
    "ancestors": ListKind(
        "thing",
        "ancestors",
        lambda subject, page: urls.ancestors(subject),
        lambda doc, subject, about: parsing.ancestors(doc, subject),
        paged=False,
    ),
    # older versions requested this name as a list of its own
    "remixes": ListKind(
        "thing", "remixes", urls.remixes, lambda doc, subject, about: parsing.derivatives(doc, subject)
    ),
}
"""All lists that a spider reads, by the name that its requests carry."""
