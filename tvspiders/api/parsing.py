"""All parsers in one place: from a decoded document to items.

Answers for one subject give a list of items and raise ``AnswerRefused``;
lists give a :class:`~tvspiders.api.lists.rows.Listing`, in which a bad row takes
no other with it, and raise only when the whole answer is no list.
"""

from tvspiders.api.categories import categories, category, thing_categories
from tvspiders.api.collections import collection, collections
from tvspiders.api.comments import comments
from tvspiders.api.files import files
from tvspiders.api.images import images
from tvspiders.api.lists.rows import Listing, Refused, envelope
from tvspiders.api.makes import copies
from tvspiders.api.remixes import ancestors, derivatives
from tvspiders.api.tags import tag, tags
from tvspiders.api.things import (
    DETAIL_PARTS,
    category_things,
    collection_things,
    thing_detail,
    thing_row,
    thing_rows,
    user_likes,
)
from tvspiders.api.users import followers, following, thing_likes, user_profile, user_row, user_rows

__all__ = [
    "DETAIL_PARTS",
    "Listing",
    "Refused",
    "ancestors",
    "categories",
    "category",
    "category_things",
    "collection",
    "collection_things",
    "collections",
    "comments",
    "copies",
    "derivatives",
    "envelope",
    "files",
    "followers",
    "following",
    "images",
    "tag",
    "tags",
    "thing_categories",
    "thing_detail",
    "thing_likes",
    "thing_row",
    "thing_rows",
    "user_likes",
    "user_profile",
    "user_row",
    "user_rows",
]
