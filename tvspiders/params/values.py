"""Types of arguments that several spiders share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from tvspiders.api.user_input import thing_id


def plain_number(value: Any) -> Any:
    """Only ASCII digits are a number here; Python would also read ``1_000`` and full-width digits."""
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
        raise ValueError("a whole number in digits is accepted")
    return value


def parted(value: Any) -> Any:
    """Split a text at commas and line ends, and strip the parts."""
    if not isinstance(value, str):
        return value
    lines = (line.partition("#")[0] if "\n" in value else line for line in value.splitlines())
    return [part.strip() for line in lines for part in line.split(",") if part.strip()]


def each(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A validator that reads each part of a list; equal values are kept once."""

    def validate(value: Any) -> Any:
        parts = parted(value)
        if not isinstance(parts, Iterable):
            raise ValueError("a text with commas is accepted")
        return list(dict.fromkeys(_named(read, part) for part in parts))

    return validate


def _named(read: Callable[[str], Any], part: Any) -> Any:
    """Read one part; the message of an error names it, since the list may be long."""
    try:
        return read(part) if isinstance(part, str) else part
    except ValueError as error:
        message = str(error)
        raise ValueError(message if str(part)[:20] in message else f"{part!r}: {message}") from None


Number = Annotated[int, BeforeValidator(plain_number)]
"""A whole number as people type it."""
Things = Annotated[list[int], BeforeValidator(each(thing_id))]
"""Numbers of things, from whatever people paste."""
Details = bool | Literal["changed"]
"""Whether things are asked for their own page; ``changed``: where their row shows something new."""


def names_things(text: str) -> bool:
    """Whether a text is numbers or addresses of things; else it names a file."""
    try:
        return bool(each(thing_id)(text))
    except ValueError:
        return False
