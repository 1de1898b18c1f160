"""Pictures of a thing."""

from __future__ import annotations

from typing import Any

from tvspiders.api.files import zip_files
from tvspiders.api.lists.rows import Listing, as_row, listing, row_id
from tvspiders.api.values import count, identity, label, link, mapping, rows, text
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


def images_inside(detail: Any, thing_id: int) -> list[Image] | None:
    """All pictures of a thing, where its own page proves them; ``None``: only the list shows it.

    ``zip_data`` (recorded 2025) names every picture, but not its number, and names repeat within a
    thing. So the page is enough where there is no picture, or a single one which is the
    ``default_image``: that has number and sizes. A ``zip_data`` that names fewer files than
    ``file_count`` says proves nothing.
    """
    given = mapping(detail) or {}
    inside = given.get("zip_data")
    if not isinstance(inside, dict) or not isinstance(inside.get("images"), list):
        return None
    files = count(given.get("file_count"))
    if files is None or len(zip_files(inside, thing_id)) < files:
        return None
    default = given.get("default_image")
    if not inside["images"]:
        return None if default else []
    if len(inside["images"]) > 1 or not isinstance(default, dict):
        return None
    named, number = mapping(inside["images"][0]) or {}, identity(default.get("id"))
    name, url = label(default.get("name")), largest(default.get("sizes"))
    if number is None or url is None or name is None or name != label(named.get("name")):
        return None
    return [Image(thing_id=thing_id, id=number, name=name, url=url)]


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
