"""The file that ``THINGIVERSE_TOKEN_FILE`` names: the lines of sign-ins, beside lines of the user's own."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tvspiders.errors import ConfigProblem

_OURS = re.compile(r"(?P<token>\S+)\s+# by scrapy login: (?P<account>.*)")
_TRIES = 20


@dataclass(frozen=True)
class Account:
    """The account of a token, as far as the API named it."""

    name: str
    user_id: int | None

    def __str__(self) -> str:
        return f"{self.name} (user {self.user_id})" if self.user_id is not None else self.name


class TokenFile:
    """Adds and removes the lines of sign-ins; every other line stays as it is."""

    def __init__(self, path: Path) -> None:
        # a link stays a link: what it leads to is replaced
        self._path = path.expanduser().resolve()

    def check(self) -> None:
        """Raises ``ConfigProblem`` when the file could not be read or written."""
        if self._path.is_dir():
            raise self._problem("is a folder; name a file")
        if not self._path.parent.is_dir():
            raise self._problem("lies in a folder that does not exist; make it first")
        if not os.access(self._path.parent, os.W_OK | os.X_OK):
            raise self._problem("lies in a folder that cannot be written; name another")
        self._read()

    def add(self, token: str, account: Account, note: str) -> bool:
        """Write the token of a sign-in, in the place of an earlier one of the same account.

        A line of the user's own that holds this very token stays, and is enough. Returns whether an earlier
        sign-in was replaced. Raises ``ConfigProblem`` when the file cannot be written.
        """
        line = f"{token}  # by scrapy login: {account}, {note}"
        replaced = False

        def change(lines: list[str]) -> list[str]:
            nonlocal replaced
            if any(old.split("#")[0].strip() == token and not _ours(old) for old in lines):
                return lines
            same = [number for number, old in enumerate(lines) if _is_of(old, token, account)]
            replaced = bool(same)
            if not same:
                return [*lines, line]
            kept = [old for number, old in enumerate(lines) if number not in same[1:]]
            kept[same[0]] = line
            return kept

        self._change(change)
        return replaced

    def remove(self) -> list[str]:
        """Remove every line that a sign-in wrote; returns their accounts."""
        accounts: list[str] = []

        def change(lines: list[str]) -> list[str]:
            found = [_ours(line) for line in lines]
            accounts[:] = [match["account"] for match in found if match]
            return [line for line, match in zip(lines, found, strict=True) if not match]

        if self._path.exists():
            self._change(change)
        return accounts

    def _change(self, change: Callable[[list[str]], list[str]]) -> None:
        """Replace the file atomically; a concurrent change is not lost."""
        for _ in range(_TRIES):
            before = self._read()
            lines = before.splitlines()
            after = change(lines)
            if after == lines:
                return
            if self._replace(before, "".join(f"{line}\n" for line in after)):
                return
        raise self._problem("changes all the time; try again")

    def _replace(self, before: str, text: str) -> bool:
        try:
            descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)  # 0600
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                if self._read() != before:
                    return False
                os.replace(name, self._path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise self._problem(f"cannot be written ({error.strerror})") from None
        return True

    def _read(self) -> str:
        try:
            return self._path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise self._problem(f"cannot be read ({type(error).__name__})") from None

    def _problem(self, said: str) -> ConfigProblem:
        return ConfigProblem(f"THINGIVERSE_TOKEN_FILE {said}")


def _ours(line: str) -> re.Match[str] | None:
    return _OURS.fullmatch(line.strip())


def _is_of(line: str, token: str, account: Account) -> bool:
    """Whether a sign-in wrote this line: with the same token, or for the same account."""
    ours = _ours(line)
    if ours is None:
        return False
    same = account.user_id is not None and f"(user {account.user_id})," in ours["account"]
    return same or ours["token"] == token
