"""Rows of lists that are older than what is stored: an index lags, or a cache serves a copy.

A row with fewer downloads or views than are stored is older: these never fall. No recorded row has them.
Without them one row alone proves nothing, and the answer is judged as a whole: if more things fell than
rose, it is older. A like that is taken back makes one row fall, not most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tvspiders.items import Creator, Item, Thing
from tvspiders.storage.units import Unit

COUNTS = ("like_count", "make_count", "collect_count", "comment_count")
"""Counts that a row and a thing's own page both carry."""
GROWING = ("download_count", "view_count")
"""Counts that never fall; a page carries them, and a row may."""
NAMES = ("name", "modified")
"""What else shows that a thing was edited."""
FIELDS_THAT_HOLD = ("kind", "id", "url", "added", "last_scraped")
"""Fields that are taken even from an old row of a thing."""
CREATOR_FIELDS_THAT_HOLD = ("kind", "id", "username", "url", "last_scraped")
"""The same for a creator."""

StoredThings = Mapping[int, Mapping[str, Any]]
"""What is stored of things, by number."""


def listed_things(unit: Unit) -> dict[int, Thing]:
    """The rows of things in an answer, by number; a thing's own page is not one."""
    rows = {item.id: item for item in unit.items if isinstance(item, Thing) and not item.detail}
    return rows | {new.row.id: new.row for new in unit.requests if new.row is not None}


def older_rows(unit: Unit, known: StoredThings) -> frozenset[int]:
    """Numbers of the things whose rows differ from what is stored because they are older.

    An answer that arrived after a newer one does not matter here: it overwrites nothing.
    """
    compared = {
        number: row
        for number, row in listed_things(unit).items()
        if number in known and (known[number]["last_scraped"] or "") <= (row.last_scraped or "")
    }
    differing = {number for number, row in compared.items() if differs(_fields_of(row), known[number])}
    copied: set[int] = set()
    if unit.answer is not None and unit.answer.made_at < unit.answer.received_at:
        made_at = unit.answer.made_at
        copied = {number for number in differing if (known[number]["last_scraped"] or "") > made_at}
    fell = {number for number, row in compared.items() if _direction(row, known[number], GROWING) == -1}
    moves = [_direction(compared[number], known[number], COUNTS) for number in differing]
    if moves.count(-1) > moves.count(1):
        return frozenset(differing | fell)
    return frozenset(copied | fell)


def without_older(unit: Unit, older: frozenset[int]) -> Unit:
    """The unit with its older rows reduced to the fact that the list names these things."""
    return replace(unit, items=[_reduced(item, older) for item in unit.items]) if older else unit


def differs(said: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether two have different counts or names of a thing.

    A field that only one side has is no difference: pages and rows have different fields.
    """
    return any(
        said[name] is not None and known[name] is not None and said[name] != known[name]
        for name in (*COUNTS, *NAMES)
    )


def _fields_of(row: Thing) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*COUNTS, *NAMES)}


def _direction(row: Thing, known: Mapping[str, Any], counts: tuple[str, ...]) -> int:
    """1 for a row of whose counts one rose, -1 where they only fell, 0 where they stayed."""
    pairs = [(getattr(row, name), known.get(name)) for name in counts]
    steps = [new - old for new, old in pairs if new is not None and old is not None]
    if any(step > 0 for step in steps):
        return 1
    return -1 if any(step < 0 for step in steps) else 0


def _reduced(item: Item, older: frozenset[int]) -> Item:
    if isinstance(item, Thing) and not item.detail and item.id in older:
        return _only(item, FIELDS_THAT_HOLD)
    if isinstance(item, Creator) and not item.profile:
        return _only(item, CREATOR_FIELDS_THAT_HOLD)
    return item


def _only(item: Item, names: tuple[str, ...]) -> Item:
    """The item with nothing but these fields; its source stays."""
    kept: Item = type(item)(**{name: getattr(item, name) for name in names if name != "kind"})
    if item.source is not None:
        kept.stamp(item.source)
    return kept
