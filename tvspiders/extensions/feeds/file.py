"""A feed file that a resumed crawl continues at the last byte known to be whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from pathlib import Path
from typing import IO, Any

from scrapy import Spider
from scrapy.extensions.feedexport import FileFeedStorage

from tvspiders.private_files import open_private

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TAIL = 4096
"""Bytes before a place in a file by which it is known again."""


class ResumableFile(FileFeedStorage):
    """Scrapy's storage of local files, of mode 0600, with an optional place to go on from."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        super().__init__(uri, feed_options=feed_options)
        self.keep: int | None = None
        """Bytes of the file that stay; what follows them is cut off. ``None``: as Scrapy does."""
        self._held: IO[bytes] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is, or will be, a file with an end to go on from: no pipe, and not ``/dev/null``."""
        return Path(self.path).is_file() or not Path(self.path).exists()

    def hold(self) -> None:
        """Have the file for this process alone, and leave it as it is until ``open``.

        Raises ``OSError`` while another process writes to it.
        """
        file = os.fdopen(open_private(Path(self.path), os.O_RDWR), "r+b")
        try:
            _lock(file)
        except OSError:
            file.close()
            raise
        self._held = file

    def cut(self, file: IO[bytes], size: int) -> None:
        """Take what is behind these bytes out of the open file, and go on there."""
        file.flush()
        file.truncate(size)
        file.seek(size)

    def let_go(self) -> None:
        """Give up a file that is held and was not opened."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def open(self, spider: Spider) -> IO[bytes]:
        """Open the file for writing; raises ``OSError`` while another process writes to it."""
        if self.keep is None:
            how = os.O_TRUNC if self.write_mode == "wb" else os.O_APPEND
            return os.fdopen(open_private(Path(self.path), os.O_WRONLY | how), self.write_mode)
        if self._held is None:
            self.hold()
        file, self._held = self._held, None
        if file is None:
            raise ValueError("the file is not held")
        self.cut(file, self.keep)
        return file

    def store(self, file: IO[bytes]) -> None:
        """Close the file. What could not be written was reported when it was to be noted as whole."""
        if self.keep is None:
            super().store(file)
        else:
            with contextlib.suppress(OSError):
                file.close()


def _lock(file: IO[bytes]) -> None:
    """Have the file for this process alone until it is closed, or the process dies."""
    if fcntl is None:
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = "another process is writing it; name another file"
        raise BlockingIOError(errno.EWOULDBLOCK, said) from None
    except OSError:
        return  # some network drives know no locks


def tail_of(file: IO[bytes], offset: int) -> bytes:
    """Digest of the last bytes before a place, which no other file has there: items bear their times."""
    place, number = file.tell(), min(TAIL, offset)
    file.seek(offset - number)
    found = file.read(number)
    file.seek(place)
    return hashlib.blake2b(found, digest_size=8).digest()


def lines_in(path: Path, start: int, end: int) -> int:
    """Lines between two places of a file."""
    number = 0
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (found := file.read(min(1 << 20, end - start))):
            number += found.count(b"\n")
            start += len(found)
    return number


def whole_bytes(path: Path) -> int:
    """Bytes up to and with the last line feed: a torn last line is not whole."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        end = file.seek(0, 2)
        while end > 0:
            start = max(0, end - 65_536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0
