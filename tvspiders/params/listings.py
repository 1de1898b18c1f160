"""Arguments of spiders that start from lists of the site, collections or tags."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from tvspiders.api.user_input import collection_id, tag_slug
from tvspiders.params import Details, ExtraParams, Number, each

ListingKind = Literal["popular", "newest", "featured", "verified", "random"]
"""Lists of the whole site."""
_DETAILS = (
    "Ask each thing's own page; changed asks it where the row shows something new; "
    "false stores the rows of the lists only."
)


class ListingsParams(ExtraParams):
    """Arguments of ``listings``."""

    kind: ListingKind = Field(description="Which list of the whole site.", examples=["popular", "random"])
    pages: Number | None = Field(
        default=None,
        ge=1,
        description="Stop after this many pages of 30; of random, draws of five (default one).",
        examples=[3],
    )
    details: Details = Field(default=True, description=_DETAILS, examples=["changed", "false"])

    @model_validator(mode="after")
    def random_needs_details(self) -> ListingsParams:
        """A draw returns numbers only."""
        if self.kind == "random" and self.details is not True:
            raise ValueError("kind=random needs details=true: a draw brings nothing but numbers")
        return self


class CollectionsParams(ExtraParams):
    """Arguments of ``collections``."""

    collection: Annotated[list[int], BeforeValidator(each(collection_id))] = Field(
        min_length=1,
        description="Numbers of collections, or addresses of their pages.",
        examples=["16696069", "16696069,2"],
    )
    pages: Number | None = Field(
        default=None, ge=1, description="Stop each collection after this many pages of 30.", examples=[3]
    )
    details: Details = Field(default=True, description=_DETAILS, examples=["changed", "false"])


class TagsParams(ExtraParams):
    """Arguments of ``tags``."""

    tag: Annotated[list[str], BeforeValidator(each(tag_slug))] = Field(
        min_length=1,
        description="Tags, as people write them, or addresses of their pages.",
        examples=["planter", "hot end,desk_organizer"],
    )
    pages: Number | None = Field(
        default=None, ge=1, description="Stop each tag after this many pages of 30.", examples=[3]
    )
    details: Details = Field(default=True, description=_DETAILS, examples=["changed", "false"])
