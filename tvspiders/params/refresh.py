"""Arguments of ``refresh``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from tvspiders.params.crawl import ExtraParams
from tvspiders.params.files import named_in
from tvspiders.params.values import Things, names_things
from tvspiders.periods import read_period


def _age(value: Any) -> Any:
    """A period in its one spelling, which is part of the crawl's identity."""
    if value is None:
        return None
    text = str(value).strip().casefold()
    read_period(text)
    return f"{int(text[:-1])}{text[-1]}"


class RefreshParams(ExtraParams):
    """Arguments of ``refresh``."""

    watch: Things = Field(
        default_factory=list,
        description="Things that are asked first in any case: a file with numbers or addresses, or these "
        "themselves.",
        examples=["763622,thing:2"],
    )
    older_than: Annotated[str | None, BeforeValidator(_age)] = Field(
        default=None,
        description="Only things whose last answer is older than this, watched ones excepted: 12h, 7d, 2w.",
        examples=["7d"],
    )

    @model_validator(mode="before")
    @classmethod
    def read_file(cls, given: Any) -> Any:
        """The contents of the file are part of the crawl's identity, its name is not."""
        watch = given.get("watch") if isinstance(given, Mapping) else None
        if not isinstance(watch, str) or names_things(watch):
            return given
        if not watch.strip():
            raise ValueError(f"watch={watch!r} names nothing")
        return {**given, "watch": named_in(watch, "watch")}

    @property
    def older_than_seconds(self) -> float | None:
        """``older_than`` in seconds."""
        return None if self.older_than is None else float(read_period(self.older_than))
