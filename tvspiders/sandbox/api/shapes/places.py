"""Addresses as the real service writes them, and pictures that do not exist.

The bodies name the real hosts, as the recordings do: a crawler that follows an
address out of an answer instead of asking the sandbox is found out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

API = "https://api.thingiverse.com"
WWW = "https://www.thingiverse.com"
CDN = "https://cdn.thingiverse.com"

Json = dict[str, Any]

SIZES: tuple[tuple[str, str], ...] = (
    *(("thumb", size) for size in ("large", "medium", "small", "tiny")),
    *(
        ("preview", size)
        for size in ("featured", "card", "large", "medium", "small", "birdwing", "tiny", "tinycard")
    ),
    *(("display", size) for size in ("large", "medium", "small")),
)
"""Type and size of the fifteen renderings of a picture."""


def folder(number: int) -> str:
    """The five-level folder of an asset: ``e3/bc/80/9f/87``."""
    text = f"{number & 0xFF_FFFF_FFFF:010x}"
    return f"{text[:2]}/{text[2:4]}/{text[4:6]}/{text[6:8]}/{text[8:]}"


def rendering(number: int, kind: str, size: str, file: str) -> str:
    """The address of one rendering of a picture."""
    return f"{CDN}/assets/{folder(number)}/{size}_{kind}_{file}"


def stamp(moment: datetime) -> str:
    """A time as the API writes it: ``2019-12-14T20:50:10+00:00``."""
    return moment.isoformat()
