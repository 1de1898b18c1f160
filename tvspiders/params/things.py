"""Arguments of ``things``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

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
"""Codes that a search accepts (two clients of 2025); a response spells licences differently."""


def _has_order(given: Any) -> Any:
    """The scraping guide of 2026 names an order by remixes; the API never had it."""
    if given in ("derivatives", "remixes"):
        raise ValueError(
            f"the API has no order by remixes; accepted: {', '.join(get_args(Sort))}; "
            "what is stored is ranked by: scrapy report influence --order direct"
        )
    return given


class ThingsParams(ExtraParams):
    """Arguments of ``things``."""

    query: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="Words to search for; only category_id works without them.",
        examples=["planters"],
    )
    sort: Annotated[Sort, BeforeValidator(_has_order)] = Field(
        default="relevant", description="Order of the results.", examples=["newest"]
    )
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

    @model_validator(mode="after")
    def search_for_something(self) -> Self:
        """Without words and category it would be the whole site."""
        if self.query is None and self.category_id is None:
            raise ValueError("argument 'query' is missing; only category_id=... works without it")
        return self
