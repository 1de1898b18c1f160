"""What was gone or hidden and is answered again: its tombstone says since when.

Things are looked after by :mod:`tvspiders.storage.things`, where the time of their own page is at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Text, and_, bindparam, func, update

from tvspiders.storage.rows import Rows
from tvspiders.storage.tables import collections, creators, lists, tombstones

Proof = tuple[str, str, str]
"""Subject, its name or number, and when it was answered."""


def note_returns(connection: Connection, rows: Rows) -> None:
    """Mark tombstones of users, collections, categories, tags and lists that newer rows disprove."""
    proofs = sorted(set(_proofs(rows)))
    users = [proof for proof in proofs if proof[0] == "user"]
    # a user is buried under the name as it was asked, and the site does not heed its case
    _mark(connection, func.lower(tombstones.c.subject_id), users)
    _mark(connection, tombstones.c.subject_id, [proof for proof in proofs if proof[0] != "user"])


def _mark(connection: Connection, subject_id: ColumnElement[str], proofs: Sequence[Proof]) -> None:
    if not proofs:
        return
    stone, seen_at = tombstones.c, bindparam("seen_at", type_=Text)
    older = and_(stone.back_at.is_(None), stone.last_scraped < seen_at)
    named = and_(stone.subject == bindparam("of_subject"), subject_id == bindparam("of_id"))
    connection.execute(
        update(tombstones).where(named, older).values(back_at=seen_at),
        [{"of_subject": subject, "of_id": name, "seen_at": at} for subject, name, at in proofs],
    )


def _proofs(rows: Rows) -> Iterator[Proof]:
    """What rows prove to be there."""
    for row in rows.get(creators, ()):
        if row["profile_scraped"]:
            yield "user", row["username"].lower(), row["profile_scraped"]
    for row in rows.get(collections, ()):
        yield "collection", str(row["id"]), row["last_scraped"]
    for row in rows.get(lists, ()):
        yield "list", f"{row['subject']}/{row['subject_id']}/{row['name']}", row["last_scraped"]
        if row["subject"] in ("category", "tag"):
            yield row["subject"], row["subject_id"], row["last_scraped"]
