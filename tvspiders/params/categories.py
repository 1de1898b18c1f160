"""Arguments of ``categories``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from tvspiders.api.known_categories import KNOWN, slug_for
from tvspiders.params.crawl import ExtraParams
from tvspiders.params.values import Details, Number, each


def _category(text: str) -> str:
    """A slug; one given as ``slug:NAME`` keeps the prefix, so that it is accepted when read again."""
    if text.casefold() == "all":
        return "all"
    slug = slug_for(text)
    insisted = text.casefold().startswith("slug:") and slug not in KNOWN
    return f"slug:{slug}" if insisted else slug


Categories = Annotated[list[str], BeforeValidator(each(_category))]
"""Slugs of categories, from slugs, names or numbers."""


class CategoriesParams(ExtraParams):
    """Arguments of ``categories``."""

    category: Categories | None = Field(
        default=None,
        min_length=1,
        description="Slugs, names or numbers of categories, or all; without it the category tree is stored.",
        examples=["household", "96,Math Art", "all"],
    )
    subcategories: bool = Field(
        default=False,
        description="Also the categories below those named, however deep; without category, whatever is "
        "below the second level.",
    )
    pages: Number | None = Field(
        default=None, ge=1, description="Stop each category after this many pages of 30.", examples=[3]
    )
    details: Details = Field(
        default=True,
        description="Ask each thing's own page; changed asks it where the row shows something new; "
        "false stores the rows of the lists only.",
        examples=["changed", "false"],
    )
    beyond_window: bool = Field(
        default=False,
        description="Reach the rest by searches where a category serves fewer things than it states.",
    )
