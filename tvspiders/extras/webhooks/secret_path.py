"""The secret part of the receiver's address: made once, kept in a file that only its owner reads."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from tvspiders.errors import ConfigProblem

_ACCEPTED = re.compile(r"[A-Za-z0-9_-]{32,200}", re.ASCII)


def secret_path(file: Path) -> str:
    """``/orders/SECRET``, the same on each start; the file is made with mode 0600 where it is not there.

    Raises:
        ConfigProblem: when the file cannot be used, is readable by others, or holds no secret.

    """
    try:
        return f"/orders/{_read(file) if file.exists() else _make(file)}"
    except OSError as error:
        raise ConfigProblem(f"the secret file {file} cannot be used ({error.strerror})") from None


def _make(file: Path) -> str:
    secret = secrets.token_urlsafe(32)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secret + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        try:
            os.link(part, file)  # unlike a rename, this never replaces the secret of another process
        except FileExistsError:
            return _read(file)
    finally:
        part.unlink()
    return secret


def _read(file: Path) -> str:
    if file.stat().st_mode & 0o077:
        raise ConfigProblem(f"the secret file {file} can be read by others; chmod 600 it, or delete it")
    found = file.read_bytes()[:400].decode("ascii", "replace").strip()
    if not _ACCEPTED.fullmatch(found):
        raise ConfigProblem(
            f"the secret file {file} must hold 32 to 200 letters, digits, - and _; delete it for a new one"
        )
    return found
