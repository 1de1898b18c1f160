"""Lists of the API: one envelope reader, and parsing row by row so that a bad row takes no other with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tvspiders.api.document import raw_text
from tvspiders.api.values import count, identity, label, rows
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem


class Page(NamedTuple):
    """Rows of one page as they came, and the total where the answer has one."""

    rows: list[Any]
    total: int | None


class Refused(NamedTuple):
    """A row that was not understood: a stable reason, and the row as it came."""

    reason: str
    row: Any


@dataclass(frozen=True)
class Listing:
    """One page of a list, parsed."""

    items: list[AnyItem] = field(default_factory=list)
    """Items of all good rows, in order."""
    refused: list[Refused] = field(default_factory=list)
    """The other rows."""
    keys: list[int | str] = field(default_factory=list)
    """What identifies each row, refused ones included; a repeated page is found by it."""
    total: int | None = None
    """Rows in the whole list, where the answer has one."""


def envelope(document: Any) -> Page:
    """Rows of a list: a bare list, ``{"total", "hits"}``, ``hits`` null or ``{}``, or an empty map.

    Recorded 2020 to 2025; ``hits`` was a null in a client's report.

    Raises:
        AnswerRefused: ``null``, ``error`` (the document is an error message)
            or ``shape``: none of these proves that a list is empty.

    """
    if document is None:
        raise AnswerRefused("null")
    if isinstance(document, list):
        return Page(document, None)
    if not isinstance(document, dict):
        raise AnswerRefused("shape", f"a list was expected, not {type(document).__name__}")
    if not document:
        return Page([], None)
    if "hits" not in document:
        raise AnswerRefused("error" if "error" in document or "errors" in document else "shape", "no hits")
    found = rows(document["hits"])
    if found is None:
        raise AnswerRefused("shape", f"hits is {type(document['hits']).__name__}")
    return Page(found, count(document.get("total")))


def listing(document: Any, parse: Callable[[Any], Iterable[AnyItem]]) -> Listing:
    """Parse each row of a list on its own.

    Raises:
        AnswerRefused: as :func:`envelope`.

    """
    page = envelope(document)
    items: list[AnyItem] = []
    refused: list[Refused] = []
    for row in page.rows:
        try:
            items += parse(row)
        except AnswerRefused as error:
            refused.append(Refused(error.reason, row))
    return Listing(items, refused, [row_key(row) for row in page.rows], page.total)


def row_key(row: Any) -> int | str:
    """Key of a row: its number, else its name, else a digest of it."""
    if isinstance(row, dict):
        key = identity(row.get("id")) or label(row.get("slug")) or label(row.get("name"))
    else:
        key = identity(row)
    return key if key is not None else hashlib.sha256(raw_text(row).encode()).hexdigest()[:16]


def as_row(row: Any) -> dict[str, Any]:
    """A row that must be a map.

    Raises:
        AnswerRefused: ``shape``.

    """
    if not isinstance(row, dict):
        raise AnswerRefused("shape", f"a map was expected, not {type(row).__name__}")
    return row


def row_id(row: dict[str, Any]) -> int:
    """The row's number.

    Raises:
        AnswerRefused: ``no-id``.

    """
    number = identity(row.get("id"))
    if number is None:
        raise AnswerRefused("no-id", repr(row.get("id"))[:60])
    return number
