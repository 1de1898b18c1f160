"""Mark tombstones as reappeared when their subject is answered again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, bindparam, func, or_, select, update

from tvspiders.items import UNREADABLE
from tvspiders.storage.catalogue.to_rows import Rows
from tvspiders.storage.tables import collections, creators, lists, things, tombstones

Proof = tuple[str, str, str]
"""Subject, its name or number, and when it was answered."""


def note_reappeared(connection: Connection, rows: Rows) -> None:
    """Mark the tombstones that newer rows disprove, with the first answer after them.

    What reappeared and is gone again loses the mark; its tombstone is among ``rows`` and written already.
    """
    if tombstones in rows:
        gone_again = tombstones.c.reappeared_at < tombstones.c.last_scraped
        connection.execute(update(tombstones).where(gone_again).values(reappeared_at=None))
    proofs = sorted(set(_proofs(rows)))
    if not proofs:
        return
    matching = _tombstones_of(connection, proofs)
    marks = [
        {"of_subject": subject, "of_id": subject_id, "seen_at": at}
        for subject, name, at in proofs
        for subject_id in matching.get((subject, name), ())
    ]
    if not marks:
        return
    stone, seen_at = tombstones.c, bindparam("seen_at", type_=Text)
    older = and_(stone.reappeared_at.is_(None), stone.last_scraped < seen_at)
    named = and_(stone.subject == bindparam("of_subject"), stone.subject_id == bindparam("of_id"))
    connection.execute(update(tombstones).where(named, older).values(reappeared_at=seen_at), marks)


def _tombstones_of(connection: Connection, proofs: Sequence[Proof]) -> dict[tuple[str, str], list[str]]:
    """The tombstones of these subjects, by subject and name; nearly always none."""
    names: dict[str, set[str]] = {}
    for subject, name, _ in proofs:
        names.setdefault(subject, set()).add(name)
    subjects = tuple(sorted(names))
    named = {f"of_{subject}": sorted(names[subject]) for subject in subjects}
    matching: dict[tuple[str, str], list[str]] = {}
    for subject, subject_id in connection.execute(_tombstones(subjects), named):
        name = subject_id.lower() if subject == "user" else subject_id
        matching.setdefault((subject, name), []).append(subject_id)
    return matching


@cache
def _tombstones(subjects: tuple[str, ...]) -> Select[str, str]:
    stone = tombstones.c
    wanted = [
        and_(stone.subject == subject, _name(subject).in_(bindparam(f"of_{subject}", expanding=True)))
        for subject in subjects
    ]
    query = select(stone.subject, stone.subject_id).where(or_(*wanted), stone.reappeared_at.is_(None))
    return query.order_by(stone.subject, stone.subject_id)


def _name(subject: str) -> ColumnElement[str]:
    """User tombstones have the name as it was requested; compared without case, as the site does."""
    return func.lower(tombstones.c.subject_id) if subject == "user" else tombstones.c.subject_id


def _proofs(rows: Rows) -> Iterator[Proof]:
    """The subjects that rows prove to exist; a row of a list proves nothing of a thing or a user."""
    for row in rows.get(things, ()):
        if row["detail_scraped"]:
            yield "thing", str(row["id"]), row["detail_scraped"]
    for row in rows.get(creators, ()):
        if row["profile_scraped"]:
            yield "user", row["username"].lower(), row["profile_scraped"]
    for row in rows.get(collections, ()):
        yield "collection", str(row["id"]), row["last_scraped"]
    for row in rows.get(lists, ()):
        if row["ended"] == UNREADABLE:
            continue
        yield "list", f"{row['subject']}/{row['subject_id']}/{row['name']}", row["last_scraped"]
        if row["subject"] in ("category", "tag"):
            yield row["subject"], row["subject_id"], row["last_scraped"]
