"""Bodies of answers, compressed for the database."""

from __future__ import annotations

import zlib
from functools import cache
from importlib.resources import files

from tvspiders.errors import StorageProblem

CODEC = "zlib-words-1"
"""zlib with a dictionary: most of an answer is the same in every answer (docs/performance.md)."""
LEVEL = 3
"""As fast as level 1 here, and a quarter smaller."""


def pack(body: bytes) -> tuple[str, bytes]:
    """Codec name and stored form of a body."""
    packer = zlib.compressobj(LEVEL, zdict=_words())
    return CODEC, packer.compress(body) + packer.flush()


def unpack(codec: str, stored: bytes) -> bytes:
    """The body that ``pack`` was given. Raises ``StorageProblem`` for a damaged or unknown one."""
    if codec == "none":
        return stored
    if codec not in (CODEC, "zlib"):
        raise StorageProblem(f"stored answer has the unknown codec {codec!r}; upgrade tvspiders")
    unpacker = zlib.decompressobj(zdict=_words()) if codec == CODEC else zlib.decompressobj()
    try:
        body = unpacker.decompress(stored)
        if unpacker.eof:
            return body
    except zlib.error:
        pass
    raise StorageProblem("a stored answer is damaged; restore a backup of the database")


@cache
def _words() -> bytes:
    """A made-up row of a list and a made-up page; a byte changed here makes stored answers unreadable."""
    return files("tvspiders.storage").joinpath("answer_words_1.txt").read_bytes()
