"""Check before a crawl that a file can be written."""

from __future__ import annotations

import os
from pathlib import Path

from tvspiders.errors import ConfigProblem
from tvspiders.private_files import open_private


def check_writable(what: str, path: Path) -> None:
    """Raises ``ConfigProblem`` for a file that cannot be written; ``what`` it is, for the message."""
    if path.is_dir():
        raise ConfigProblem(f"{what} {path} is a folder; name a file")
    if path.is_fifo():
        return  # its reader would take the attempt for the whole content
    try:
        _try_to_write(path)
    except OSError as error:
        raise ConfigProblem(
            f"{what} {path} cannot be written ({error.strerror}); name a file in a folder of yours"
        ) from None


def _try_to_write(path: Path) -> None:
    """Create the file with its folders, and remove what was not there before."""
    missing = [parent for parent in path.absolute().parents if not parent.exists()]
    existed = path.exists()
    try:
        os.close(open_private(path, os.O_WRONLY | os.O_APPEND))
        if not existed:
            path.unlink()
    finally:
        for folder in missing:
            if folder.exists():
                folder.rmdir()
