"""Open files for writing so that no other user of the machine reads, changes or redirects them."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600
"""Mode of a new file, whatever the umask says."""
_OTHERS_WRITE = 0o022
_SYSTEMS = ("/dev/", "/proc/")
"""Links in here, such as ``/dev/stdout``, are made by the system."""


def open_private(path: Path, flags: int) -> int:
    """Open a file that is written in place; a new one gets mode 0600, and its folders are made.

    An older file keeps its mode, but nobody else may write to it from then on. Pipes and devices are opened
    as they are. Raises ``OSError`` for a link, and for a file that has another name or another owner: through
    each of them somebody else chooses what is overwritten, or reads what is written.
    """
    make_folder(path.parent)
    systems = str(path).startswith(_SYSTEMS)
    if not systems and path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link; name the file that it leads to", str(path))
    follow = 0 if systems else os.O_NOFOLLOW
    descriptor = os.open(path, flags & ~os.O_TRUNC | os.O_CREAT | os.O_CLOEXEC | follow, PRIVATE)
    try:
        if not systems and stat.S_ISREG(os.fstat(descriptor).st_mode):
            _keep_others_out(descriptor, path)
        if flags & os.O_TRUNC and stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.ftruncate(descriptor, 0)  # not before it is known whose file it is
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def replacing(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """A new file that takes its place when it is complete; a link in its place is replaced itself."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # O_EXCL and 0600
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def make_folder(folder: Path) -> None:
    """Make what is missing of a path; nobody else may write into what is made."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        with suppress(FileExistsError):
            part.mkdir(mode=0o777 & ~_OTHERS_WRITE)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def _keep_others_out(descriptor: int, path: Path) -> None:
    found = os.fstat(descriptor)
    if found.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has another name (a hard link); remove one of them", str(path))
    if found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it belongs to another user; name a file of yours", str(path))
    if found.st_mode & _OTHERS_WRITE:
        os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & ~_OTHERS_WRITE)
