"""Collections: lists of things that users keep."""

from __future__ import annotations

from typing import Any

from tvspiders.api.lists.rows import Listing, as_row, listing, row_id
from tvspiders.api.users import creator_summary
from tvspiders.api.values import count, label, link, moment, text
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Collection


def collection(document: Any, asked: int) -> list[AnyItem]:
    """The collection asked for and its owner's summary (recorded 2015 and 2025).

    Raises:
        AnswerRefused: ``shape``, ``no-id`` or ``wrong-id``.

    """
    number = row_id(as_row(document))
    if number != asked:
        raise AnswerRefused("wrong-id", f"asked for {asked}, got {number}")
    return _collection(document, None)


def collections(document: Any, owner: str | None = None) -> Listing:
    """A user's collections, or those a search found; ``owner`` fills in where a row names none."""
    return listing(document, lambda row: _collection(row, owner))


def _collection(row: Any, owner: str | None) -> list[AnyItem]:
    given = as_row(row)
    person = creator_summary(given.get("creator"))
    item = Collection(
        id=row_id(given),
        name=text(given.get("name")),
        creator=person.username if person else label(owner),
        creator_id=person.id if person else None,
        added=moment(given.get("added")) or moment(given.get("created_at")),
        modified=moment(given.get("modified")),
        thing_count=count(given.get("count")),
        url=link(given.get("absolute_url")) or link(given.get("public_url")),
    )
    return [item, person] if person else [item]
