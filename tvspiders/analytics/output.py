"""Where a document goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tvspiders.errors import UsageProblem


@contextmanager
def document(path: str | None) -> Iterator[BinaryIO]:
    """Open what ``-o`` names for writing bytes; standard output for none and for ``-``.

    A file gets mode 0600 and replaces an older one only when it is complete.
    Raises ``UsageProblem`` when it cannot be written.
    """
    if path in (None, "-"):
        with suppress(BrokenPipeError):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
            return
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    target = Path(str(path))
    if target.is_dir():
        raise UsageProblem(f"-o {path}: that is a folder; name a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise UsageProblem(f"-o {path}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(target)
    except BaseException as error:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        if isinstance(error, OSError):
            raise UsageProblem(f"-o {path}: {error.strerror}") from None
        raise
