"""Arguments that are read from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, model_validator

from tvspiders.params.values import parted

MAX_FILE = 32 * 1024 * 1024
"""Bytes of a ``file=`` at most."""


class FileParams(BaseModel):
    """Arguments of spiders that start from what is named with ``-a`` or listed in a ``file``."""

    named: ClassVar[str]
    """The argument that names the same with ``-a``."""

    @model_validator(mode="before")
    @classmethod
    def read_file(cls, given: Any) -> Any:
        """The contents of ``file`` are part of the crawl's identity, its name is not."""
        return with_file(given, cls.named)

    @model_validator(mode="after")
    def name_something(self) -> Self:
        """One of the two arguments must name something to start from."""
        if not getattr(self, self.named):
            raise ValueError(f"give {self.named}=... or file=...")
        return self


def with_file(given: Any, name: str) -> Any:
    """The arguments, with the contents of the file after what was given with ``-a``."""
    if not isinstance(given, Mapping) or not isinstance(given.get("file"), str):
        return given
    found = named_in(given["file"], "file")
    named = {key: value for key, value in given.items() if key not in ("file", name)}
    return named | {name: [*parted(given.get(name) or ""), *found]}


def named_in(place: str, argument: str) -> list[str]:
    """What a file names, one a line or with commas.

    Raises ``ValueError``, with the argument that named the file, when it cannot be read or is empty.
    """
    found: list[str] = parted(_read(Path(place), argument) + "\n")
    if not found:
        raise ValueError(f"{argument}={place!r} names nothing")
    return found


def _read(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ValueError(f"{name}={str(path)!r} cannot be read: {error.strerror or error}") from None
    if len(raw) > MAX_FILE:
        raise ValueError(f"{name}={str(path)!r} is larger than {MAX_FILE // 1024 // 1024} MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{name}={str(path)!r} is not a text in UTF-8") from None
