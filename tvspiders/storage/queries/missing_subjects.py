"""Subjects that a crawl was asked for by name and that the site does not show.

In the first rounds that is a reason to call the round partial: a name may be misspelt. From the third
round in a row on it is standing: known, still said, and no reason any more. So is a number from the
beginning: nobody types it wrongly by a letter, and that it is gone is an answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from tvspiders.items import Tombstone
from tvspiders.storage.tables import crawl_items, crawls, tombstones

STANDING = 2
"""Rounds before this one that must have missed it as well."""
ARGUMENTS = {
    "username": "user",
    "thing": "thing",
    "collection": "collection",
    "tag": "tag",
    "category": "category",
    "kind": "site",
}
"""Argument -> kind of the subjects that it names."""
_CHUNK = 500

NUMBERED = frozenset({"thing", "collection", "list"})
"""Subjects that have numbers, and lists, of which it is said only that they are gone."""

Key = tuple[str, str]
"""Kind of a subject, and its name or number."""


@dataclass(frozen=True)
class MissingSubject:
    """Something that an argument names, or a list of it."""

    subject: str
    """``user``, ``thing``, ``collection``, ``tag``, ``category`` or ``list``."""
    name: str
    standing: bool


def missing_subjects(connection: Connection, crawl_id: int) -> tuple[MissingSubject, ...]:
    """What a round was asked for by name and found gone or hidden; reads only."""
    row = connection.execute(
        select(crawls.c.arguments, crawls.c.identity, crawls.c.round).where(crawls.c.id == crawl_id)
    ).one()
    named = _named(json.loads(row.arguments))
    met = [key for key in _met(connection, crawl_id) if _is_named(key, named)]
    found = _without_returned(connection, met)
    if not found:
        return ()
    before = connection.execute(
        select(crawls.c.id)
        .where(crawls.c.identity == row.identity, crawls.c.round < row.round)
        .order_by(crawls.c.round.desc())
        .limit(STANDING)
    ).scalars()
    rounds = [_met(connection, number) for number in before.all()]
    standing = {key for key in found if len(rounds) == STANDING and all(key in missed for missed in rounds)}
    return tuple(MissingSubject(*key, key[0] in NUMBERED or key in standing) for key in found)


def _named(arguments: dict[str, object]) -> set[Key]:
    """The subjects that arguments name, as tombstones have them; users in lower case."""
    named: set[Key] = set()
    for argument, subject in ARGUMENTS.items():
        values = arguments.get(argument)
        for value in values if isinstance(values, list) else [values]:
            name = str(value).removeprefix("slug:")
            named.add((subject, name.casefold() if subject == "user" else name))
    return named


def _is_named(key: Key, named: Collection[Key]) -> bool:
    """Whether a tombstone is a named subject's, or that of a list of it."""
    subject, name = key
    if subject == "list":
        subject, _, rest = name.partition("/")
        name = rest.rpartition("/")[0]
    return (subject, name.casefold() if subject == "user" else name) in named


def _met(connection: Connection, crawl_id: int) -> set[Key]:
    """Subjects of the tombstones that a round met."""
    item = crawl_items.c
    query = select(item.key).where(item.crawl_id == crawl_id, item.kind == Tombstone.kind)
    parts = (key.partition(">") for key in connection.execute(query).scalars())
    return {(subject, name) for subject, _, name in parts}


def _without_returned(connection: Connection, keys: Collection[Key]) -> list[Key]:
    """Those that were not answered again, in order."""
    stone, left = tombstones.c, sorted(keys)
    for start in range(0, len(left), _CHUNK):
        some = tuple_(stone.subject, stone.subject_id).in_(left[start : start + _CHUNK])
        query = select(stone.subject, stone.subject_id).where(some, stone.reappeared_at.is_not(None))
        back = {(row.subject, row.subject_id) for row in connection.execute(query)}
        keys = set(keys) - back
    return sorted(keys)
