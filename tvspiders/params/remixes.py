"""Arguments of ``remixes``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tvspiders.params.crawl import ExtraParams
from tvspiders.params.files import FileParams
from tvspiders.params.values import Details, Things, parted


def _depth(value: Any) -> Any:
    """``all`` or a whole number from 0, with one message for anything else."""
    text = str(value).strip().casefold()
    if text == "all":
        return "all"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError("a whole number from 0, or all, is accepted")
    return int(text)


Depth = Annotated[Literal["all"] | int, BeforeValidator(_depth)]
"""Generations to walk, or ``all``."""
Direction = Literal["children", "parents", "both"]
"""Where to walk from a thing; ``children,parents`` is ``both``."""


def _direction(value: Any) -> Any:
    parts = parted(value)
    if isinstance(parts, list) and {"children", "parents"} <= set(parts):
        return "both"
    return parts[0] if isinstance(parts, list) and len(parts) == 1 else value


class RemixesParams(FileParams, ExtraParams):
    """Arguments of ``remixes``."""

    named = "thing"

    thing: Things = Field(
        default_factory=list,
        description="Roots: numbers, thing:NUMBER or addresses of things.",
        examples=["763622", "763622,thing:2"],
    )
    file: str | None = Field(
        default=None, description="File with roots, one a line or with commas.", examples=["ids.txt"]
    )
    direction: Annotated[Direction, BeforeValidator(_direction)] = Field(
        default="both", description="Walk to children, to parents, or both ways.", examples=["children"]
    )
    depth: Depth = Field(
        default=2, description="Generations to walk away from the roots, or all.", examples=[1, "all"]
    )
    details: Details = Field(
        default=True,
        description="Ask the own page of each thing; changed and false spare that of remixes of the last "
        "generation where their row shows nothing new, or in any case: they lead no further.",
        examples=["changed", "false"],
    )

    @model_validator(mode="after")
    def depth_has_a_last_generation(self) -> RemixesParams:
        """Only with a depth there is a last generation, whose pages need not be requested."""
        if self.depth == "all" and self.details is not True:
            raise ValueError(
                "details=changed and details=false need a depth: without, no generation is the last"
            )
        return self

    @property
    def generations(self) -> int | None:
        """Generations to walk; ``None`` for all."""
        return None if self.depth == "all" else self.depth
