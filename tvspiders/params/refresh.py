"""Arguments of ``refresh``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from tvspiders.params.crawl import ExtraParams
from tvspiders.params.files import named_in
from tvspiders.params.values import Things, names_things

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _age(value: Any) -> Any:
    """A time span such as ``12h`` or ``7d``."""
    if value is None:
        return None
    text = str(value).strip().casefold()
    number, unit = text[:-1], text[-1:]
    if not (unit in _UNITS and number.isascii() and number.isdigit() and len(number) < 6 and int(number)):
        raise ValueError("a number with m, h, d or w is accepted, such as 12h or 7d")
    return f"{int(number)}{unit}"


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
        return (
            None
            if self.older_than is None
            else int(self.older_than[:-1]) * float(_UNITS[self.older_than[-1]])
        )
