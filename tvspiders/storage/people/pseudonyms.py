"""Rows without names, addresses and free texts, in which each person has a pseudonym.

A pseudonym is a keyed hash of the user's number, or of the login name where no number is known: the same
person has the same one as long as the key is the same, and cannot be found without the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from tvspiders.errors import UsageProblem
from tvspiders.storage.person_marks import mark_of, roles
from tvspiders.storage.tables import creators

MIN_KEY_BYTES = 16
MAX_KEY_BYTES = 4096
SHOWN = frozenset({"fact", "none"})
"""Marks of columns that are shown as they are."""


class Pseudonyms:
    """Pseudonyms under one key: the one given, else a random one that is not kept."""

    def __init__(self, connection: Connection, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._connection = connection
        self._number_of = lru_cache(maxsize=65536)(self._look_up)

    def user(self, number: int | None, name: str | None) -> str | None:
        """The pseudonym of a user; ``None`` without number and name."""
        if number is None and name:
            number = self._number_of(name)
        if number is None and not name:
            return None
        by_name = f"name:{str(name).casefold()}"
        return self._hashed("user", by_name if number is None else f"number:{number}")

    def word(self, text: str) -> str:
        """The pseudonym of a tag, which is free text: equal ones stay equal."""
        return self._hashed("tag", f"tag:{text}")

    def row(self, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
        """Some columns of a row as they may be shown."""
        shown = {name: value if mark_of(table, name) in SHOWN else None for name, value in row.items()}
        for role in roles(table):
            if role.name in row:
                shown[role.name] = self.user(row.get(role.number), row[role.name])
        return shown

    def _hashed(self, kind: str, text: str) -> str:
        return f"{kind}-{hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]}"

    def _look_up(self, name: str) -> int | None:
        query = select(creators.c.id).where(creators.c.username == name)
        return self._connection.execute(query).scalar()


def read_key(path: Path) -> bytes:
    """The key in a file, which is created, for this user only, if it does not exist.

    Raises ``UsageProblem`` for one that others can read, or that is too short.
    """
    try:
        with _opened(path) as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            key: bytes = file.read(MAX_KEY_BYTES).strip()
    except OSError as error:
        raise UsageProblem(f"--pseudonym-key {str(path)!r}: {error.strerror}") from None
    if mode & 0o077:
        raise UsageProblem(f"--pseudonym-key {str(path)!r} can be read by others; first: chmod 600 {path}")
    if len(key) < MIN_KEY_BYTES:
        raise UsageProblem(
            f"--pseudonym-key {str(path)!r} holds {len(key)} bytes; accepted: at least {MIN_KEY_BYTES}, "
            "or a file that does not exist, which is made"
        )
    return key


def _opened(path: Path) -> Any:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except FileExistsError:
        return path.open("rb")
    file = os.fdopen(descriptor, "r+b")
    file.write(secrets.token_hex(32).encode() + b"\n")
    file.flush()
    file.seek(0)
    return file
