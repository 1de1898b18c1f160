"""Pictures of a thing."""

from __future__ import annotations

from typing import Any

from tvspiders.api.lists import Listing, as_row, listing, row_id
from tvspiders.api.values import link, rows, text
from tvspiders.items import AnyItem, Image

_TYPES = ("thumb", "preview", "display")
_SIZES = ("tiny", "small", "medium", "large")


def images(document: Any, thing_id: int) -> Listing:
    """Answer to ``/things/{id}/images`` (recorded 2020 and 2022)."""

    def parse(row: Any) -> list[AnyItem]:
        given = as_row(row)
        return [
            Image(
                thing_id=thing_id,
                id=row_id(given),
                name=text(given.get("name")),
                url=largest(given.get("sizes")),
            )
        ]

    return listing(document, parse)


def largest(sizes: Any) -> str | None:
    """Address of the largest size given: ``display`` before ``preview`` before ``thumb``, ``large`` first.

    The row's own ``url`` is an address of the API, so it is no substitute.
    """
    known = [size for size in rows(sizes) or [] if isinstance(size, dict) and link(size.get("url"))]
    best = max(
        known, key=lambda size: (_rank(_TYPES, size.get("type")), _rank(_SIZES, size.get("size"))), default={}
    )
    return link(best.get("url"))


def _rank(order: tuple[str, ...], name: Any) -> int:
    return order.index(name) if name in order else -1
