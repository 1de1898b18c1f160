"""Remove forgotten people from an answer or item: them, what is theirs, and their names in texts."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from tvspiders import items
from tvspiders.items import Item
from tvspiders.storage import tables
from tvspiders.storage.catalogue.to_rows import PLAIN
from tvspiders.storage.people.forgotten import Forgotten, ThingsOf
from tvspiders.storage.person_marks import WRITTEN, marked, roles

GONE = object()
"""Replaces a part of a document of which nothing stays."""
OWNERS = ("creator", "maker", "user", "owner", "author")
"""Keys of the user who owns the surrounding map."""
_USER_NUMBERS = re.compile(r"(?:user|creator|maker|author|owner|follower|followed)_id")
_OF_A_USER = ("username", "first_name", "last_name", "full_name", "count_of_followers", "follower_count")
"""Keys that maps of users have, and no others."""
_KEPT_TEXTS = ("added", "created_at", "modified", "license", "url", "public_url")
"""Texts of a thing that its creator did not write."""
_KEPT_PARTS = ("ancestors", "parents")
_OF_ITEMS = PLAIN | {
    items.Thing: tables.things,
    items.Creator: tables.creators,
    items.PageSnapshot: tables.page_snapshots,
    items.Tombstone: tables.tombstones,
}
_WRITTEN = (items.File, items.Image, items.PageSnapshot)
"""Items of a thing that its creator wrote."""


def clean_document(document: Any, people: Forgotten) -> Any:
    """The same document without them; ``GONE`` when nothing of it stays."""
    return _clean(document, "", people)


def clean_json(text: str, people: Forgotten) -> str | None:
    """JSON text without them, as it was where they are not in it; ``None`` when nothing of it stays.

    Text that is not JSON is dropped where it contains a name.
    """
    if "\\u" not in text and not people.may_name(text):
        return text
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text if people.redact(text) == text else None
    found = _clean(document, "", people)
    if found is GONE:
        return None
    return text if found == document else json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def clean_body(body: bytes, people: Forgotten) -> bytes | None:
    """The same for the bytes of an answer."""
    text = body.decode("utf-8", "replace")
    found = clean_json(text, people)
    return body if found == text else None if found is None else found.encode()


def subject_of(path: str) -> tuple[str, str]:
    """The subject of a path: ``/users/NAME/things`` is about the user NAME; else the kind is empty.

    >>> subject_of("/users/Pia%20P/likes?page=2"), subject_of("/search/box")
    (('user', 'Pia P'), ('', ''))
    """
    parts = urlsplit(path).path.strip("/").split("/")
    kinds = {"users": "user", "things": "thing", "collections": "collection"}
    if len(parts) < 2 or parts[0] not in kinds:
        return "", ""
    return kinds[parts[0]], unquote(parts[1])


def clean_item(item: Item, people: Forgotten, things: dict[int, ThingsOf]) -> Item | None:
    """The item without them, ``None`` when nothing of it stays; ``things`` are those of theirs."""
    table, policy = _OF_ITEMS.get(type(item)), things.get(getattr(item, "thing_id", 0))
    if policy == "delete" or (policy and isinstance(item, _WRITTEN)):
        return None
    if isinstance(item, items.Edge) and item.told:
        return _told_without(item, people, things)
    if table is None:
        return item
    if isinstance(item, items.Thing):
        policy = things.get(item.id)
        if policy is not None:
            names = [*marked(table, "number", "name", *WRITTEN)]
            return _changed(item, dict.fromkeys(names)) if policy == "keep" else None
    elif any(people.person(getattr(item, role.number), getattr(item, role.name)) for role in roles(table)):
        return None
    if isinstance(item, items.PageSnapshot) and item.held is not None:
        text = item.held[0].decode("utf-8", "replace")
        return item if people.redact(text) == text else None  # the picture shows it as well
    if (
        isinstance(item, items.ListRead | items.Tombstone)
        and item.subject == "user"
        and people.names(item.subject_id)
    ):
        return None
    there = {field.name for field in fields(item)}
    columns = [name for name in marked(table, *WRITTEN, "mentions", "subject") if name in there]
    said = {name: getattr(item, name) for name in columns}
    changes = {name: found for name, value in said.items() if (found := _redacted(value, people)) != value}
    return _changed(item, changes) if changes else item


def _told_without(edge: items.Edge, people: Forgotten, things: dict[int, ThingsOf]) -> Item:
    """The edge, with what it may still say of the thing at its other end."""
    left = [clean_item(told, people, things) for told in edge.told]
    if all(after is before for after, before in zip(left, edge.told, strict=True)):
        return edge
    found = _changed(edge, {})
    if isinstance(found, items.Edge):
        found.tell(*(item for item in left if isinstance(item, items.Thing | items.Creator)))
    return found


def owner_of(item: items.Thing, people: Forgotten) -> ThingsOf | None:
    """What happens to a thing whose creator was forgotten; ``None`` for all others."""
    return people.person(item.creator_id, item.creator)


def _redacted(value: Any, people: Forgotten) -> Any:
    if isinstance(value, list):
        return [_redacted(part, people) for part in value]
    return people.redact(value) if isinstance(value, str) else value


def _changed(item: Item, changes: dict[str, Any]) -> Item:
    settable = {field.name for field in fields(item) if field.init}
    found: Item = replace(item, **{name: value for name, value in changes.items() if name in settable})
    if item.source is not None:
        found.stamp(item.source)
    return found


def _clean(value: Any, key: str, people: Forgotten) -> Any:
    if isinstance(value, str):
        return people.redact(value)
    if isinstance(value, dict):
        return _clean_map(value, key, people)
    if isinstance(value, list):
        return [found for part in value if (found := _clean(part, key, people)) is not GONE]
    if isinstance(value, int) and _USER_NUMBERS.fullmatch(key) and people.person(value, None):
        return None
    return value


def _clean_map(value: dict[str, Any], key: str, people: Forgotten) -> Any:
    if _is_person(value, key, people):
        return GONE
    policy = next((found for owner in OWNERS if (found := _owner(value.get(owner), people))), None)
    if policy is None:
        cleaned = {name: _clean(part, name, people) for name, part in value.items()}
        return {people.redact(name): None if part is GONE else part for name, part in cleaned.items()}
    if policy == "delete" or not _is_thing(value):
        return GONE
    return {name: _of_thing(part, name, people) for name, part in value.items()}


def _of_thing(value: Any, key: str, people: Forgotten) -> Any:
    """A part of a thing of theirs that is kept: numbers, times and what it was made from."""
    if key in _KEPT_PARTS and isinstance(value, list):
        return _clean(value, key, people)
    written = isinstance(value, dict | list) or (isinstance(value, str) and key not in _KEPT_TEXTS)
    return None if written else value


def _owner(value: Any, people: Forgotten) -> ThingsOf | None:
    if not isinstance(value, dict):
        return None
    return people.person(value.get("id"), value.get("name") or value.get("username"))


def _is_person(value: dict[str, Any], key: str, people: Forgotten) -> bool:
    looks_so = key in OWNERS or any(name in value for name in _OF_A_USER)
    looks_so = looks_so or "/users/" in str(value.get("url"))
    return looks_so and _owner(value, people) is not None


def _is_thing(value: dict[str, Any]) -> bool:
    """Whether a map with a creator is a thing's; those of makes, comments and collections are not."""
    places = f"{value.get('url')} {value.get('public_url')} {value.get('absolute_url')}"
    elsewhere = ("/copies/", "/make:", "/collections/", "/comments/")
    keys = ("maker", "thing", "body", "user")
    return not (any(part in places for part in elsewhere) or any(name in value for name in keys))
