"""Write a document to standard output, or atomically to a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tvspiders.errors import UsageProblem
from tvspiders.private_files import replacing


def coloured(path: str | None) -> bool:
    """Whether the document goes to a terminal that shows colours."""
    standard = path in (None, "-") and sys.stdout is not None
    return standard and sys.stdout.isatty() and "NO_COLOR" not in os.environ


@contextmanager
def document(path: str | None, option: str = "-o") -> Iterator[BinaryIO]:
    """Open what ``option`` names for writing bytes; standard output for none and for ``-``.

    A file gets mode 0600 and replaces an older one only when it is complete.
    A link of one's own in a folder of one's own stays, and its target is replaced; any other link is
    replaced itself. A pipe or a device is written to.
    Raises ``UsageProblem`` when it cannot be written.
    """
    if path in (None, "-"):
        with _standard_output() as out:
            yield out
        return
    target = Path(str(path))
    if target.is_dir():
        raise UsageProblem(f"{option} {path}: that is a folder; name a file")
    special = target.exists() and not target.is_file()
    try:
        with _special(target) if special else replacing(_followed(target)) as file:
            yield file
    except OSError as error:
        raise UsageProblem(f"{option} {path}: {error.strerror or error}") from None


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    if sys.stdout is None:
        raise UsageProblem("standard output is closed; name a file with -o")
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is left in the buffer goes nowhere, or Python would complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageProblem(f"standard output: {error.strerror or error}") from None


@contextmanager
def _special(target: Path) -> Iterator[BinaryIO]:
    """A pipe or a device, which must not be replaced by a file."""
    with target.open("wb") as file:
        yield file


def _followed(target: Path) -> Path:
    """Target of a link that no other user can have made: the folder is writable for us only."""
    if not target.is_symlink():
        return target
    folder = target.parent.stat()
    ours = {target.lstat().st_uid, folder.st_uid} <= {os.geteuid(), 0}
    return target.resolve() if ours and not folder.st_mode & 0o022 else target
