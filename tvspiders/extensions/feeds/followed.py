"""A JSON Lines file whose place is kept in the database, so that a resumed crawl goes on in it."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scrapy.extensions.feedexport import FeedSlot
from sqlalchemy import Connection

from tvspiders.errors import StorageProblem
from tvspiders.extensions.feeds.file import tail_of, whole_bytes
from tvspiders.extensions.feeds.strict import unwritable
from tvspiders.storage.queue import feeds


@dataclass
class FollowedFeed:
    """A feed file whose place is kept in the database."""

    slot: FeedSlot
    position: feeds.FeedPosition
    answer_id: int
    recorded: tuple[int, int] = (-1, -1)
    closed_at: tuple[int, bytes | None] | None = None
    """Size and tail of the file once it is closed."""

    earlier: set[bytes] | None = None
    """Lines that earlier runs of the crawl left in the file, once they are asked for."""

    @property
    def goes_on(self) -> bool:
        """Whether an earlier run of the crawl has written to the file."""
        return self.position.offset > self.position.base

    def take_back_repeat(self, place: int) -> bool:
        """Cut off what was written from a place on, if an earlier run has left the same line."""
        file, (end, _) = self.slot.file, self.place()
        if file is None or end == place:
            return False
        if self.earlier is None:
            file.seek(self.position.base)
            self.earlier = set(file.read(self.position.offset - self.position.base).splitlines(keepends=True))
        file.seek(place)
        if file.read(end - place) in self.earlier:
            file.truncate(place)
            file.seek(place)
            self.slot.itemcount -= 1
            return True
        return False

    def place(self) -> tuple[int, bytes | None]:
        """Bytes written so far, all of them with the operating system, and the digest of the last ones."""
        file = self.slot.file
        if self.closed_at is not None or file is None:
            return self.closed_at or (self.position.offset, self.position.tail)
        try:
            file.flush()
            offset = file.tell()
            return offset, tail_of(file, offset)
        except OSError as error:
            raise unwritable(self.slot.uri, error) from error

    def close(self) -> None:
        """Note the last place; raises ``StorageProblem`` when the file has lost its name meanwhile."""
        path, file = self.slot.storage.path, self.slot.file  # type: ignore[attr-defined]
        if file is not None and not _leads_to(Path(path), file):
            said = f"feed {path} was deleted or replaced while it was written"
            raise StorageProblem(f"{said}; the same command writes it again")
        self.closed_at = self.place()


def known_as(file: str, shared: bool) -> str:
    """Workers on several machines may use the same path, each for a file of its own."""
    return f"{socket.gethostname()}:{file}" if shared else file


def place_in(
    connection: Connection, crawl_id: int, uri: str, path: Path, overwrite: bool
) -> feeds.FeedPosition:
    """Where a crawl goes on in a file, or begins to write it."""
    size, found = path.stat().st_size, feeds.find_feed(connection, crawl_id, uri)
    if found is not None and not found.displaced:
        if size >= found.offset and _is_known(path, found):
            return found
        return feeds.begin_feed(connection, crawl_id, uri, min(found.base, whole_bytes(path)))
    if overwrite:
        return feeds.begin_feed(connection, crawl_id, uri, 0)
    end = feeds.unfinished_end(connection, crawl_id, uri)
    base = whole_bytes(path) if end is None else min(end, whole_bytes(path))
    # An earlier part of ours is further up in the file, unless that was made again since.
    known = found.answer_id if found is not None and size else 0
    return feeds.begin_feed(connection, crawl_id, uri, base, known)


def _is_known(path: Path, found: feeds.FeedPosition) -> bool:
    """Whether the file holds what was written up to its place, and not as much of another state."""
    with path.open("rb") as file:
        return found.tail in (None, tail_of(file, found.offset))


def _leads_to(path: Path, file: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except OSError:
        return False
