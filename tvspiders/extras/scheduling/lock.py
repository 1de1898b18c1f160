"""Lock out a second ``scrapy schedule`` on this computer, so that no job is sent twice."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tvspiders.errors import ConfigProblem

PATIENCE = 300.0
"""Seconds to wait for another schedule to end."""


@contextmanager
def alone(name: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of this name among the processes of this user.

    Raises ``ConfigProblem`` when another holds it for longer, and when its folder is not ours.
    """
    folder = Path(tempfile.gettempdir()) / f"tvspiders-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise ConfigProblem(f"{folder} belongs to another user; remove it, or set TMPDIR")
    path = folder / f"{hashlib.blake2b(name.encode(), digest_size=10).hexdigest()}.lock"
    try:
        with FileLock(path, timeout=patience, mode=0o600):
            yield
    except Timeout:
        raise ConfigProblem("another scrapy schedule has been running for long; end it first") from None
