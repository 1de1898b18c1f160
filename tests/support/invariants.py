"""What holds for every item, whatever the answer was."""

import re
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from tvspiders import items

LARGEST = 2**63 - 1
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+00:00")
MOMENTS = {"added", "modified", "registered", "last_active", "date"}
KEY_TEXTS = {
    "username",
    "slug",
    "category_slug",
    "follower",
    "followed",
    "creator",
    "maker",
    "user",
    "parent_slug",
}
KEYED_BY_NAME = (items.Tag, items.File)


def problems(item: items.AnyItem) -> list[str]:
    """Everything that is wrong with an item; empty for a good one."""
    found = [
        f"{item.kind}.{name}: {why}"
        for name, value in item.content().items()
        if (why := _wrong(item, name, value))
    ]
    if not any(part is not None for part in item.key):
        found.append(f"{item.kind}: no key")
    required = {
        f.name for f in fields(item) if f.init and f.default is MISSING and f.default_factory is MISSING
    }
    return found + [f"{item.kind}.{name}: missing" for name in required if getattr(item, name) is None]


def _wrong(item: items.AnyItem, name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("ancestors", "tags", "categories"):
        expected = int if name == "ancestors" else str
        if not isinstance(value, list) or len(set(value)) != len(value):
            return f"no list of different values: {value!r:.60}"
        if any(type(member) is not expected for member in value):
            return f"wrong members: {value!r:.60}"
        return "; ".join(filter(None, (_number(m, 1) if expected is int else _text(m, 255) for m in value)))
    if name == "id" or (name.endswith("_id") and name != "subject_id"):
        return _number(value, 0 if isinstance(item, items.Category) else 1)
    if name.endswith("_count") or name == "size":
        return _number(value, 0)
    if name.startswith("is_") or name in ("detail", "profile", "allows_derivatives"):
        return "" if isinstance(value, bool) else f"no flag: {value!r:.60}"
    if name in MOMENTS:
        if not MOMENT.fullmatch(value) or not datetime.fromisoformat(value):
            return f"no moment: {value!r:.60}"
        return ""
    if name == "hash":
        return "" if re.fullmatch("[0-9a-f]{32}", value) else f"no MD5: {value!r:.60}"
    if name in ("url", "thumbnail", "creator_url") and not value.lower().startswith(("http://", "https://")):
        return f"no address: {value!r:.60}"
    if name in KEY_TEXTS or (name == "name" and isinstance(item, KEYED_BY_NAME)):
        return _text(value, 255) or ("" if value.strip() else "blank")
    return _text(value, None)


def _number(value: Any, least: int) -> str:
    return "" if type(value) is int and least <= value <= LARGEST else f"no number: {value!r:.60}"


def _text(value: Any, longest: int | None) -> str:
    if not isinstance(value, str):
        return f"no text: {value!r:.60}"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "lone surrogate"
    if "\x00" in value:
        return "NUL"
    return "too long" if longest is not None and len(value) > longest else ""
