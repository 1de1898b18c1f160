"""Bearer tokens: read from the environment or a file, never printed."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from tvspiders.errors import ConfigProblem
from tvspiders.policies.security.redaction import install_redaction

HOW = (
    "copy yours from the browser's developer tools (the Authorization header of a request to "
    "api.thingiverse.com) or register an app at https://www.thingiverse.com/apps/create, and put it "
    "into THINGIVERSE_TOKEN or into the file that THINGIVERSE_TOKEN_FILE names"
)
"""How to get a token and where to put it, for the message to users without one."""
_GOOD = re.compile(r"[\x21-\x7e]{4,512}")  # shorter ones could not be masked without masking ordinary text
_BEFORE = re.compile(r"(?:^|(?<=[\s,]))(?:authorization:\s*)?bearer\s+", re.IGNORECASE)
"""The part of the header before the token, which may be copied along."""


class Token:
    """A secret with a label. Only :meth:`reveal` returns it.

    >>> Token("0123456789abcdef", "token-1")
    Token(token-1)
    """

    __slots__ = ("_secret", "fingerprint", "label")

    def __init__(self, secret: str, label: str) -> None:
        self._secret = secret
        self.label = label
        self.fingerprint = hashlib.blake2b(
            secret.encode(), digest_size=16, person=b"tvspiders-quota", salt=b"tvspiders-token1"
        ).hexdigest()

    def reveal(self) -> str:
        """The secret, for the one place that writes it into a header."""
        return self._secret

    def __repr__(self) -> str:
        return f"Token({self.label})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and other.fingerprint == self.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a token is never stored")


def check_private(file: Path, name: str) -> None:
    """Raises ``ConfigProblem`` for a file with secrets that others can read or write; a pipe may be open."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return  # reading it reports why it cannot be read
    if stat.S_ISREG(mode) and mode & (0o037 if _is_credential(file) else 0o077):
        raise ConfigProblem(f"{name}: others can read or write {file}; chmod 600 it")


def _is_credential(file: Path) -> bool:
    """Whether it is a systemd credential, whose group bit comes from an access list for one user."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and file.resolve().parent == Path(str(folder)).resolve()


class TokenSource:
    """All tokens that may be used, in the order given, each once.

    ``THINGIVERSE_TOKEN`` holds one or several, separated by commas or white
    space; ``THINGIVERSE_TOKEN_FILE`` names a file with one a line (``#`` begins a
    comment), read again when it changes. A word ``Bearer`` before a token is dropped.
    Each new token is masked everywhere before it can be used.
    """

    def __init__(self, given: str = "", file: Path | None = None) -> None:
        self._given = [part for part in re.split(r"[,\s]+", _BEFORE.sub("", given)) if part]
        self._file = file
        self._stamp: tuple[int, int, int] | None = None
        self._known: dict[str, Token] = {}
        self._tokens: list[Token] = []
        self._read()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> TokenSource:
        """Read the two variables.

        Raises:
            ConfigProblem: without any token, or when the file cannot be read.

        """
        name = environ.get("THINGIVERSE_TOKEN_FILE", "").strip()
        source = cls(environ.get("THINGIVERSE_TOKEN", ""), Path(name).expanduser() if name else None)
        if not source.tokens():
            where = "the file that THINGIVERSE_TOKEN_FILE names is empty" if name else "no token is set"
            raise ConfigProblem(f"{where}; {HOW}")
        return source

    def tokens(self) -> list[Token]:
        """The tokens in force."""
        return self._tokens

    def seen(self) -> list[Token]:
        """Every token read so far, also those removed from the file: all of them stay secret."""
        return list(self._known.values())

    def refresh(self) -> bool:
        """Read the file again if it changed (and can be read); returns whether the tokens did."""
        if self._file is None or self._stamp == self._stamp_now():
            return False
        before = self._tokens
        try:
            self._read()
        except ConfigProblem:
            return False
        return self._tokens != before

    def _read(self) -> None:
        texts = list(self._given)
        if self._file is not None:
            stamp = self._stamp_now()
            check_private(self._file, "THINGIVERSE_TOKEN_FILE")
            try:
                lines = self._file.read_text("utf-8-sig").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is not UTF-8 text"
                raise ConfigProblem(f"THINGIVERSE_TOKEN_FILE cannot be read: {self._file}: {why}") from None
            texts += [_BEFORE.sub("", line.split("#")[0].strip()) for line in lines]
            self._stamp = stamp
        self._tokens = list(dict.fromkeys(self._token(text) for text in texts if text))

    def _token(self, text: str) -> Token:
        if not _GOOD.fullmatch(text):
            raise ConfigProblem("a token has characters that no token has, or a wrong length (4 to 512)")
        token = Token(text, f"token-{len(self._known) + 1}")
        if token.fingerprint not in self._known:
            self._known[token.fingerprint] = token
            install_redaction([text])
        return self._known[token.fingerprint]

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
