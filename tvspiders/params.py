"""Spider arguments as models: typed, described, and a misspelt one stops the command at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator


def plain_number(value: Any) -> Any:
    """Only ASCII digits are a number here; Python would also read ``1_000`` and full-width digits."""
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
        raise ValueError("a whole number in digits is accepted")
    return value


Number = Annotated[int, BeforeValidator(plain_number)]
"""A whole number as people type it."""

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


class CrawlParams(BaseModel):
    """Arguments that every spider takes."""

    model_config = ConfigDict(extra="forbid")

    max_requests: Number | None = Field(
        default=None,
        ge=1,
        description="Send at most this many requests, then pause; the same command goes on.",
    )
    crawl: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Name of the crawl; without one, spider and arguments are its identity.",
    )

    @model_validator(mode="before")
    @classmethod
    def ignore_scrapyd_keys(cls, given: Any) -> Any:
        """Scrapyd adds ``_job`` and ``_version`` to the arguments of each run."""
        if isinstance(given, Mapping):
            return {key: value for key, value in given.items() if not str(key).startswith("_")}
        return given


class ThingsParams(CrawlParams):
    """Arguments of ``things``."""

    query: str = Field(min_length=1, max_length=500, description="Words to search for.")
    sort: Sort = Field(default="relevant", description="Order of the results.")
    pages: Number | None = Field(
        default=None, ge=1, description="Stop after this many pages of 30; default all."
    )
    details: bool = Field(
        default=True, description="Ask each thing's own page; false stores the rows of the search only."
    )
    category_id: Number | None = Field(
        default=None, ge=0, description="Only things of this category (0 is Other)."
    )
    license: License | None = Field(default=None, description="Only things under this licence.")


def explain(error: ValidationError) -> str:
    """What is wrong with the arguments and what is accepted, in one line."""
    return "; ".join(_explain_one(dict(problem)) for problem in error.errors(include_url=False))


def _explain_one(problem: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in problem["loc"]) or "arguments"
    if problem["type"] == "extra_forbidden":
        return f"unknown argument {name!r}"
    if problem["type"] == "missing":
        return f"argument {name!r} is missing"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"argument {name}={problem.get('input')!r}: {message[:1].lower()}{message[1:]}"
