"""Recognise forgotten people by salted hashes, in what is stored and in what is about to be.

``forgotten`` has a person by number, by each login name, and by the words of their names, and each of their
things by its number. User numbers can be tried one after the other, so a guess can be tested with the
database; the hashes only keep names from being read.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from sqlalchemy import Connection, select

from tvspiders.storage.database.upserts import insert_for
from tvspiders.storage.tables import forgotten

ThingsOf = Literal["keep", "delete"]
"""What happens to the things of a forgotten person: kept without name, texts and creator, or deleted."""
REMOVED = "[forgotten]"
"""Replaces a name in a text."""
_ATOM = re.compile(r"[^\W_]+")
_MAX_CACHED = 50_000
"""Size of the cache of harmless parts of texts."""
_CHUNK = 500
_PEOPLE = select(
    forgotten.c.kind, forgotten.c.digest, forgotten.c.salt, forgotten.c.words, forgotten.c.things
).where(forgotten.c.kind != "thing")
"""Built once: it is asked in every transaction."""


class Forgotten:
    """The people whom a database must not hold, and their things."""

    def __init__(self, salt: str, rows: Iterable[Any] = ()) -> None:
        self.salt = salt
        self._people: dict[str, ThingsOf] = {}
        self._words: set[str] = set()
        self._longest = 0
        self._atoms: set[str] = set()
        self._clean: set[str] = set()
        """Parts of texts, each between two signs, with which no name and no number begins."""
        for row in rows:
            self._add(row.kind, row.digest, row.words, row.things)

    @classmethod
    def load(cls, connection: Connection) -> Forgotten | None:
        """Those of this database, without their things; ``None`` if there are none."""
        rows = connection.execute(_PEOPLE).all()
        return cls(rows[0].salt, rows) if rows else None

    @classmethod
    def load_or_begin(cls, connection: Connection) -> Forgotten:
        """The same; with a new salt if there are none."""
        return cls.load(connection) or cls(secrets.token_hex(16))

    def remember(
        self,
        connection: Connection,
        numbers: Iterable[int],
        names: Iterable[str],
        words: Iterable[str],
        things: ThingsOf,
        now: str,
    ) -> None:
        """Add a person; ``words`` are names that are removed from any text, too."""
        rows = [("number", str(number), 1) for number in numbers]
        rows += [("name", name.casefold(), 1) for name in names]
        rows += [("word", core, len(_ATOM.findall(core))) for word in words if (core := _core(word))]
        begins = {found[0] for _, text, _ in rows if (found := _ATOM.findall(text))}
        rows += [("atom", begin, 1) for begin in sorted(begins)]
        self._note(connection, rows, things, now)

    def remember_things(self, connection: Connection, ids: Mapping[int, ThingsOf], now: str) -> None:
        """Add things whose creator is forgotten."""
        for policy in ("keep", "delete"):
            rows = [("thing", str(number), 1) for number, found in ids.items() if found == policy]
            self._note(connection, rows, policy, now)

    def things_among(self, connection: Connection, ids: Iterable[int]) -> dict[int, ThingsOf]:
        """Those of these things whose creator is forgotten, and what happens to them."""
        by_digest = {self._digest("thing", str(number)): number for number in ids}
        found: dict[int, ThingsOf] = {}
        digests = list(by_digest)
        for start in range(0, len(digests), _CHUNK):
            part = digests[start : start + _CHUNK]
            query = select(forgotten.c.digest, forgotten.c.things).where(forgotten.c.digest.in_(part))
            found |= {by_digest[row.digest]: row.things for row in connection.execute(query)}
        return found

    def person(self, number: object, name: object) -> ThingsOf | None:
        """What happens to the things of this user; ``None`` for one who was not forgotten.

        A number decides where there is one: names change owners.
        """
        if isinstance(number, int) and not isinstance(number, bool):
            return self._people.get(self._digest("number", str(number)))
        if isinstance(name, str) and name:
            return self._people.get(self._digest("name", name.casefold()))
        return None

    def names(self, text: str) -> bool:
        """Whether a text is the number or login name of a forgotten person, as in an address."""
        by_number = self.person(int(text), None) if text.isascii() and text.isdigit() else None
        return (by_number or self.person(None, text)) is not None

    def may_name(self, text: str) -> bool:
        """Whether a text may contain a name; nearly all do not. JSON escapes are not decoded here."""
        unknown = set(_ATOM.findall(text.casefold())) - self._clean
        if not unknown:
            return False
        begins = {atom for atom in unknown if self._digest("atom", atom) in self._atoms}
        if len(self._clean) >= _MAX_CACHED:
            self._clean.clear()
        self._clean |= unknown - begins
        return bool(begins)

    def redact(self, text: str) -> str:
        """The text without the names of those who were forgotten, as whole words, in any case.

        A login name that is also a common word is recognised in ``@NAME`` and ``/NAME`` only.
        """
        if not self.may_name(text):
            return text
        atoms = list(_ATOM.finditer(text))
        parts: list[str] = []
        end = place = 0
        while place < len(atoms):
            start = atoms[place].start()
            for count in range(min(self._longest, len(atoms) - place), 0, -1):
                stop = atoms[place + count - 1].end()
                if self._is_name(text[start:stop].casefold(), text[max(0, start - 6) : start]):
                    parts += [text[end:start], REMOVED]
                    end = stop
                    place += count - 1
                    break
            place += 1
        return "".join([*parts, text[end:]]) if parts else text

    def _is_name(self, candidate: str, before: str) -> bool:
        if before.endswith(("@", "/")) and self.person(None, candidate) is not None:
            return True
        if before == "users/" and self.names(candidate):
            return True
        return self._digest("word", candidate) in self._words

    def _note(
        self, connection: Connection, found: Iterable[tuple[str, str, int]], things: ThingsOf, now: str
    ) -> None:
        rows = [
            {
                "digest": self._digest(kind, text),
                "kind": kind,
                "salt": self.salt,
                "words": words,
                "things": things,
                "forgotten_at": now,
            }
            for kind, text, words in found
        ]
        if rows:
            statement = insert_for(connection, forgotten).on_conflict_do_nothing()
            connection.execute(statement, rows)
        for row in rows:
            self._add(str(row["kind"]), str(row["digest"]), int(str(row["words"])), things)

    def _add(self, kind: str, digest: str, words: int, things: ThingsOf) -> None:
        if kind in ("number", "name"):
            self._people[digest] = things
        elif kind == "word":
            self._words.add(digest)
        elif kind == "atom":
            self._atoms.add(digest)
        self._longest = max(self._longest, words)
        self._clean.clear()

    def _digest(self, kind: str, text: str) -> str:
        return hashlib.blake2b(
            f"{kind}:{text}".encode("utf-8", "replace"), key=bytes.fromhex(self.salt), digest_size=16
        ).hexdigest()


def _core(word: str) -> str:
    """A name from its first letter or digit to its last, as texts are searched for it."""
    atoms = list(_ATOM.finditer(word))
    return word[atoms[0].start() : atoms[-1].end()].casefold() if atoms else ""
