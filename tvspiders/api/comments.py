"""Comments on a thing; of their authors only number and name are kept."""

from __future__ import annotations

from typing import Any

from tvspiders.api.lists.rows import Listing, as_row, listing, row_id
from tvspiders.api.values import flag, identity, label, moment, text
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Comment


def comments(document: Any, thing_id: int | None = None) -> Listing:
    """Answer to ``/things/{id}/comments``, ``/root-comments`` or ``/comments/{id}/replies`` (recorded 2021).

    ``thing_id`` says whose comments were asked for: a comment on another
    thing is refused as ``wrong-id``. ``parent_id`` and ``modified`` are empty
    text when there is none; ``user`` is null for a deleted account.
    """

    def parse(row: Any) -> list[AnyItem]:
        given = as_row(row)
        number = row_id(given)
        target = identity(given.get("target_id")) if given.get("target_type", "thing") == "thing" else None
        if thing_id is not None and target not in (None, thing_id):
            raise AnswerRefused("wrong-id", f"asked for comments on {thing_id}, got one on {target}")
        user = given.get("user")
        user = user if isinstance(user, dict) else {}
        return [
            Comment(
                id=number,
                thing_id=target or thing_id,
                user_id=identity(user.get("id")),
                user=label(user.get("name")),
                parent_id=identity(given.get("parent_id")),
                body=text(given.get("body")),
                added=moment(given.get("added")),
                modified=moment(given.get("modified")),
                is_deleted=flag(given.get("is_deleted")),
            )
        ]

    return listing(document, parse)
