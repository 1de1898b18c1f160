"""Which fields an answer carries, by endpoint: what the drift alarm compares from answer to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

NUMBER, FLAG, TEXT, LIST, MAP = 1, 2, 4, 8, 16
TYPES = {NUMBER: "number", FLAG: "flag", TEXT: "text", LIST: "list", MAP: "map"}

Fields = frozenset[tuple[str, int]]
"""Names of fields, each with the types that its value may be read as (several bits where that is open)."""

INSIDE = frozenset({"creator", "maker", "user", "thing", "tags", "ancestors"})
"""Fields whose own fields are looked at, too: columns depend on them. Of a list the first entry."""
ROWS = 3
"""Rows looked at on a page: the first, the middle one and the last."""
MOST = 300
"""Fields of one answer that are looked at; a map with more is keyed by something else than field names."""

_NAME = re.compile(r"[A-Za-z_][\w.-]{0,59}", re.ASCII)
_NUMERIC = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_BASES = {bool: FLAG, int: NUMBER, float: NUMBER, list: LIST, dict: MAP}

_PERSON = "id name public_url"
_THING = (
    "id name creator creator.id creator.name creator.public_url added created_at modified license "
    "download_count like_count make_count remix_count collect_count comment_count view_count file_count tags "
    "tags.name tags.tag tags.url tags.count ancestors ancestors.id categories is_derivative is_featured "
    "is_nsfw is_wip is_published is_private allows_derivatives public_url thumbnail preview_image "
    "default_image zip_data"
)
_USER = (
    f"{_PERSON} username full_name first_name last_name like_count count_of_likes skill_level registered "
    "last_active country website location count_of_followers follower_count count_of_following "
    "following_count count_of_designs thing_count make_count count_of_makes collection_count "
    "count_of_collections count_of_downloads favorite_count bio thumbnail cover_image cover"
)
_BY_LAST: dict[str, str] = {
    "copies": "id maker maker.id maker.name creator creator.id creator.name thing thing.id added created_at "
    "like_count comment_count public_url",
    "comments": "id target_id target_type user user.id user.name parent_id body added modified is_deleted",
    "files": "id name size date hash download_count url public_url download_url direct_url threejs_url "
    "thumbnail default_image default_image.url",
    "images": "id name sizes",
    "categories": "id name slug url count children",
    "collections": "id name creator creator.id creator.name added created_at modified count absolute_url "
    "public_url",
    "tags": "name tag url count slug",
    "users": _USER,
    "followers": _USER,
    "following": _USER,
}
_BY_LAST["makes"] = _BY_LAST["copies"]
_ALL = frozenset({"total", "hits", "id"})
_STORED = {last: _ALL | frozenset(names.split()) for last, names in _BY_LAST.items()}
_STORED_THING = _ALL | frozenset(_THING.split())

SAME = (
    ("added", "created_at"),
    ("full_name", "first_name", "last_name"),
    ("count_of_followers", "follower_count"),
    ("count_of_following", "following_count"),
    ("count_of_designs", "thing_count"),
    ("make_count", "count_of_makes"),
    ("like_count", "count_of_likes"),
    ("collection_count", "count_of_collections"),
    ("maker", "creator"),
    ("maker.id", "creator.id"),
    ("maker.name", "creator.name"),
    ("absolute_url", "public_url"),
    ("slug", "url"),
    ("tags.tag", "tags.url"),
    ("tag", "url"),
    ("name", "username"),
    ("cover_image", "cover"),
)
"""Names of one value: a column that depends on it loses nothing while one of them is there."""


def endpoint_of(path: str) -> str:
    """An address without what differs from subject to subject.

    >>> endpoint_of("/things/763622/files?page=2"), endpoint_of("/search/a%20b/?type=things")
    ('/things/ID/files', '/search')
    """
    parts = [part for part in path.partition("?")[0].split("/") if part]
    if path.startswith("/users/me"):
        return "/users/me"  # has more fields for its owner
    if parts[:1] == ["search"]:
        return "/".join(["", "search", *(["ID", *parts[2:]] if len(parts) > 2 else [])])
    return "/" + "/".join("ID" if place % 2 else part for place, part in enumerate(parts))


def fields_of(document: Any) -> Fields:
    """Fields of a map, or of some rows of a list; none where there is no row."""
    found: set[tuple[str, int]] = set()
    if isinstance(document, list):
        found = _rows(document)
    elif isinstance(document, dict) and len(document) <= MOST:
        found = _rows(document["hits"]) if isinstance(document.get("hits"), list) else found
        if found or "hits" not in document:
            _add(found, document, "")
    return frozenset(found)


def is_stored(endpoint: str, field: str) -> bool:
    """Whether a stored column depends on a field; unused fields are in the raw answer only.

    >>> is_stored("/things/ID", "download_count"), is_stored("/things/ID", "edit_url")
    (True, False)
    """
    parts = endpoint.split("/")[1:]
    last = parts[0] if parts[-1] in ("ID", "me") else parts[-1]
    return field in _STORED.get(last, _STORED_THING)


def others_for(field: str) -> tuple[str, ...]:
    """Fields that say the same."""
    return tuple(name for group in SAME if field in group for name in group if name != field)


def types_text(types: int) -> str:
    """In words.

    >>> types_text(NUMBER | TEXT)
    'number or text'
    """
    return " or ".join(name for bit, name in TYPES.items() if types & bit) or "null"


def _rows(rows: list[Any]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for place in {0, len(rows) // 2, len(rows) - 1} if rows else ():
        row = rows[place]
        if isinstance(row, dict) and len(row) <= MOST:
            _add(found, row, "")
    return found


def _add(found: set[tuple[str, int]], given: Mapping[str, Any], before: str) -> None:
    for name, value in given.items():
        if not _is_name(name):
            continue
        kind = type(value)
        if kind is str:
            # most texts are recognised by their first letter
            types = TEXT if value[:1].isalpha() else _types_of_text(value)
        else:
            types = _BASES.get(kind, 0)
            if types == NUMBER and value in (0, 1):
                types = NUMBER | FLAG
            elif not value and types in (LIST, MAP):
                types = LIST | MAP
        found.add((before + name, types))
        if name in INSIDE and not before:
            inner = value[0] if kind is list and value else value
            if isinstance(inner, dict):
                _add(found, inner, name + ".")


@lru_cache(maxsize=2000)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _types_of_text(value: str) -> int:
    """The API writes counts as text, and flags as 0 and 1; an empty text says nothing."""
    if not _NUMERIC.fullmatch(value):
        return TEXT if value else 0
    return TEXT | NUMBER | FLAG if value in ("0", "1") else TEXT | NUMBER
