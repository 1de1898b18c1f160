"""Bodies of answers, compressed for the database."""

from __future__ import annotations

import zlib

from tvspiders.errors import StorageProblem

CODEC = "zlib"
"""Level 1 halves a detail at a tenth of the cost of writing it (docs/performance.md)."""


def pack(body: bytes) -> tuple[str, bytes]:
    """Codec name and stored form of a body."""
    return CODEC, zlib.compress(body, 1)


def unpack(codec: str, stored: bytes) -> bytes:
    """The body that ``pack`` was given. Raises ``StorageProblem`` for a damaged or unknown one."""
    if codec == "none":
        return stored
    if codec != CODEC:
        raise StorageProblem(f"stored answer has the unknown codec {codec!r}; upgrade tvspiders")
    try:
        return zlib.decompress(stored)
    except zlib.error:
        raise StorageProblem("a stored answer is damaged; restore a backup of the database") from None
