"""Arguments of every spider, and of every one that stores things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tvspiders.params.values import Number


class CrawlParams(BaseModel):
    """Arguments that every spider takes."""

    model_config = ConfigDict(extra="forbid", defer_build=True)  # built for the spider that runs

    max_requests: Number | None = Field(
        default=None,
        ge=1,
        description="Send at most this many requests, then pause; the same command goes on.",
        examples=[250],
    )
    crawl: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Name of the crawl; without one, spider and arguments are its identity.",
        examples=["november"],
    )

    @model_validator(mode="before")
    @classmethod
    def ignore_scrapyd_keys(cls, given: Any) -> Any:
        """Scrapyd adds ``_job`` and ``_version`` to the arguments of each run."""
        if isinstance(given, Mapping):
            return {key: value for key, value in given.items() if not str(key).startswith("_")}
        return given

    def known_costs(self) -> tuple[dict[str, int], list[str]] | None:
        """Requests by what they are for, and notes; ``None`` when the API must be asked to know."""
        return None


class ExtraParams(CrawlParams):
    """Arguments of every spider that stores things: what else to request about each of them."""

    files: bool | Literal["full"] = Field(
        default=False,
        description="Also the files of each thing, never the files themselves: names and addresses where its "
        "page has them, else sizes, dates, hashes, too; full always asks for all that.",
        examples=["true", "full"],
    )
    images: bool = Field(default=False, description="Also the pictures of each thing: names and addresses.")
    comments: bool = Field(
        default=False, description="Also the comments on each thing, authors by number and name only."
    )
    makes: bool = Field(default=False, description="Also the makes of each thing, with date and maker.")
    categories: bool = Field(
        default=False, description="Also the categories of each thing, one request for each."
    )

    @model_validator(mode="after")
    def extras_need_details(self) -> ExtraParams:
        """The lists of a thing are requested after its own page, which says how long they are."""
        asked = [name for name in EXTRAS if getattr(self, name)]
        if asked and not getattr(self, "details", True):
            raise ValueError(f"{asked[0]}=true needs details=true")
        return self


EXTRAS = ("files", "images", "comments", "makes", "categories")
"""Names of the arguments of :class:`ExtraParams` itself."""
