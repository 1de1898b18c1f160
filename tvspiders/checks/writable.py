"""Whether a file can be written, told before a crawl."""

from __future__ import annotations

import os
from pathlib import Path

from tvspiders.errors import ConfigProblem


def check_writable(what: str, path: Path) -> None:
    """Raises ``ConfigProblem`` for a file that cannot be written; ``what`` it is, for the message."""
    if path.is_dir():
        raise ConfigProblem(f"{what} {path} is a folder; name a file")
    if path.is_fifo():
        return  # whoever reads it would take the try for all there is
    try:
        _try_to_write(path)
    except OSError as error:
        raise ConfigProblem(
            f"{what} {path} cannot be written ({error.strerror}); name a file in a folder of yours"
        ) from None


def _try_to_write(path: Path) -> None:
    """Make the file with its folders, and take away again what was not there."""
    missing = [parent for parent in path.absolute().parents if not parent.exists()]
    existed = path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666))
        if not existed:
            path.unlink()
    finally:
        for folder in missing:
            if folder.exists():
                folder.rmdir()
