"""Remove forgotten people, and what is theirs, from everything before it is stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from tvspiders.errors import StorageProblem
from tvspiders.items import Edge, Item, Tag, Thing
from tvspiders.storage.people.forgotten import Forgotten, ThingsOf
from tvspiders.storage.people.without_person import (
    GONE,
    clean_body,
    clean_document,
    clean_item,
    clean_json,
    owner_of,
    subject_of,
)
from tvspiders.storage.tables import requests
from tvspiders.storage.units import NewRequest, Unit

LISTS_OF_TEXTS = ("files", "images")
"""Lists of a thing with nothing but what its creator wrote."""


def leave_out(connection: Connection, units: Sequence[Unit]) -> list[Unit]:
    """The units as they may be written; unchanged while no person was forgotten."""
    people = Forgotten.load(connection)
    if people is None:
        return list(units)
    query = select(requests.c.id, requests.c.path).where(requests.c.id.in_([u.request_id for u in units]))
    paths: dict[int, str] = {row.id: row.path for row in connection.execute(query)}
    met = {thing.id: thing for unit in units for thing in _things(unit)}
    theirs = {number: found for number, thing in met.items() if (found := owner_of(thing, people))}
    if theirs:
        people.remember_things(connection, theirs, datetime.now(UTC).isoformat(timespec="seconds"))
    others = {getattr(item, "thing_id", 0) for unit in units for item in unit.items} | set(met)
    asked = {int(name) for path in paths.values() if (name := _thing_asked(path))}
    theirs |= people.things_among(connection, (others | asked) - {0, None, *theirs})
    return [_without(unit, paths.get(unit.request_id, ""), people, theirs) for unit in units]


def allowed_requests(
    connection: Connection, asked: Sequence[tuple[int | None, NewRequest]]
) -> Sequence[tuple[int | None, NewRequest]]:
    """The requests (with the ids of their parents) that are not about forgotten people."""
    people = Forgotten.load(connection) if asked else None
    if people is None:
        return asked
    numbers = {int(name) for _, new in asked if (name := _thing_asked(new.path))}
    things = people.things_among(connection, numbers)
    return [
        (parent, new) for parent, new in asked if not names_somebody(new.path, new.kwargs, people, things)
    ]


def names_somebody(path: str, kwargs: str | None, people: Forgotten, things: Mapping[int, ThingsOf]) -> bool:
    """Whether a request is about a person who was forgotten, or a thing that was deleted with them."""
    kind, name = subject_of(path)
    if kind == "thing":
        return name.isdigit() and things.get(int(name)) == "delete"
    if kind == "user" and people.names(name):
        return True
    return people.redact(path) != path or (kwargs is not None and clean_json(kwargs, people) != kwargs)


def require_not_forgotten(connection: Connection, arguments: Mapping[str, Any], name: str | None) -> None:
    """Raises ``StorageProblem`` for a crawl whose arguments or name contain a forgotten person."""
    people = Forgotten.load(connection)
    if people is None:
        return
    users = arguments.get("username") or []
    named = [user for user in ([users] if isinstance(users, str) else users) if people.names(str(user))]
    document = {"arguments": dict(arguments), "name": name}
    if named or clean_document(document, people) not in (document, GONE):
        raise StorageProblem(
            "the arguments name a user that this database was asked to forget (docs/people.md); omit them"
        )


def _without(unit: Unit, path: str, people: Forgotten, things: Mapping[int, ThingsOf]) -> Unit:
    kind, name = subject_of(path)
    user = kind == "user" and people.names(name)
    thing = things.get(int(name)) if kind == "thing" and name.isdigit() else None
    texts_only = thing is not None and path.partition("?")[0].rpartition("/")[2] in LISTS_OF_TEXTS
    items = [found for item in unit.items if (found := clean_item(item, people, dict(things))) is not None]
    if thing is not None:
        items = [item for item in items if not isinstance(item, Tag)]
    told = [found for item in unit.told if (found := clean_item(item, people, dict(things))) is not None]
    answer = unit.answer
    if answer is not None:
        body = None if user or texts_only or thing == "delete" else clean_body(answer.body or b"", people)
        headers = clean_json(json.dumps(answer.headers), people) if answer.headers else None
        answer = replace(answer, body=body, headers={} if headers is None else json.loads(headers))
    raw = None if user or thing is not None or unit.raw_json is None else clean_json(unit.raw_json, people)
    return replace(
        unit,
        items=items,
        told=told,
        answer=answer,
        raw_json=raw,
        reason=None if unit.reason is None else people.redact(unit.reason),
        requests=[_row_of(new, people, things) for new in unit.requests],
    )


def _row_of(new: NewRequest, people: Forgotten, things: Mapping[int, ThingsOf]) -> NewRequest:
    """The request with its list's row as it may be stored."""
    row = new.row
    if row is None or things.get(row.id) == "delete":  # such a request is not sent
        return new
    found = clean_item(row, people, dict(things))
    return replace(new, row=found if isinstance(found, Thing) else None)


def _told_at_edges(unit: Unit) -> Iterable[Item]:
    for item in unit.items:
        yield from item.told if isinstance(item, Edge) else ()


def _things(unit: Unit) -> Iterable[Thing]:
    yield from (item for item in unit.items if isinstance(item, Thing))
    told = (item for item in (*unit.told, *_told_at_edges(unit)) if isinstance(item, Thing))
    yield from told
    yield from (new.row for new in unit.requests if new.row is not None)


def _thing_asked(path: str) -> str:
    kind, name = subject_of(path)
    return name if kind == "thing" and name.isascii() and name.isdigit() and len(name) < 19 else ""
