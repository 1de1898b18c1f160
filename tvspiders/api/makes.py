"""Makes: prints of a thing by users, called copies in the API."""

from __future__ import annotations

from typing import Any

from tvspiders.api.lists.rows import Listing, as_row, listing, row_id
from tvspiders.api.things import thing_row
from tvspiders.api.users import creator_summary
from tvspiders.api.values import count, identity, label, link, moment
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Make


def copies(document: Any, thing_id: int | None = None, maker: str | None = None) -> Listing:
    """Makes of a thing, of a user, or from a search: make, maker's summary, thing and its creator.

    ``thing_id`` or ``maker`` say whose list was asked for, and fill in what a row leaves
    out. The person is ``maker`` (recorded 2020, 2021) or ``creator`` (specification).
    A row for another thing than ``thing_id`` is refused as ``wrong-id``.
    """

    def parse(row: Any) -> list[AnyItem]:
        given = as_row(row)
        number = row_id(given)
        person = creator_summary(given.get("maker")) or creator_summary(given.get("creator"))
        thing = given.get("thing")
        printed = identity(thing.get("id")) if isinstance(thing, dict) else None
        if thing_id is not None and printed not in (None, thing_id):
            raise AnswerRefused("wrong-id", f"asked for makes of {thing_id}, got one of {printed}")
        make = Make(
            id=number,
            thing_id=printed or thing_id,
            maker_id=person.id if person else _person_id(given),
            maker=person.username if person else label(maker),
            added=moment(given.get("added")) or moment(given.get("created_at")),
            like_count=count(given.get("like_count")),
            comment_count=count(given.get("comment_count")),
            url=link(given.get("public_url")),
        )
        about = thing_row(thing) if printed else []
        return [make, person, *about] if person else [make, *about]

    return listing(document, parse)


def _person_id(row: dict[str, Any]) -> int | None:
    """Number of a maker whose name is unusable."""
    for name in ("maker", "creator"):
        person = row.get(name)
        if isinstance(person, dict) and (number := identity(person.get("id"))):
            return number
    return None
