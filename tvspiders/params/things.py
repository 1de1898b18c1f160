"""Arguments of ``things``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tvspiders.params.crawl import ExtraParams
from tvspiders.params.values import Details, Number

Sort = Literal["relevant", "text", "popular", "makes", "newest"]
"""Orders of a search for things (OpenAPI of the API, 2026)."""
License = Literal[
    "cc",
    "cc-sa",
    "cc-nd",
    "cc-nc",
    "cc-nc-sa",
    "cc-nc-nd",
    "pd0",
    "gpl",
    "lgpl",
    "bsd",
    "public",
    "none",
    "nokia",
]
"""Codes that a search accepts (two clients of 2025); an answer words licences differently."""


class ThingsParams(ExtraParams):
    """Arguments of ``things``."""

    query: str = Field(
        min_length=1, max_length=500, description="Words to search for.", examples=["planters"]
    )
    sort: Sort = Field(default="relevant", description="Order of the results.", examples=["newest"])
    pages: Number | None = Field(
        default=None, ge=1, description="Stop after this many pages of 30; default all.", examples=[3]
    )
    details: Details = Field(
        default=True,
        description="Ask each thing's own page; changed asks it where the row shows something new; "
        "false stores the rows of the search only.",
        examples=["changed", "false"],
    )
    category_id: Number | None = Field(
        default=None, ge=0, description="Only things of this category (0 is Other).", examples=[96]
    )
    license: License | None = Field(
        default=None, description="Only things under this licence.", examples=["cc-sa"]
    )
    beyond_window: bool = Field(
        default=False,
        description="Split a search of more than 10,000 things into slices that can be read to their end.",
    )
