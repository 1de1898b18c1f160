"""Tags: of a thing, as its detail or ``/tags`` lists them."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from tvspiders.api.lists.rows import Listing, listing
from tvspiders.api.values import count, label, rows, text
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Tag


def tag_row(row: Any) -> list[AnyItem]:
    """One tag: ``{name, url, count}`` (recorded 2019), with ``tag`` since 2021, or only its text.

    The slug is ``tag``, or the end of ``url``, which may hold a raw blank.

    Raises:
        AnswerRefused: ``no-name``.

    """
    given = row if isinstance(row, dict) else {"name": row}
    slug = label(given.get("tag")) or slug_of(given.get("url"))
    name = label(given.get("name")) or slug
    if name is None:
        raise AnswerRefused("no-name")
    return [Tag(name=name, slug=slug, thing_count=count(given.get("count")))]


def tag(document: Any) -> list[AnyItem]:
    """Answer to ``/tags/{tag}`` (specification; not recorded)."""
    return tag_row(document)


def tags(document: Any) -> Listing:
    """Answer to ``/things/{id}/tags``; the same tag may come twice with other counts (recorded 2019)."""
    return listing(document, tag_row)


def tags_inside(value: Any) -> list[Tag] | None:
    """Tags inside a thing, each name once; ``None`` when the answer carries no list of them.

    A tag without a usable name is left out: the thing matters more, and the raw answer stays.
    """
    found = rows(value)
    if value is None or found is None:
        return None
    kept: dict[str, Tag] = {}
    for row in found:
        try:
            [item] = tag_row(row)
        except AnswerRefused:
            continue
        if isinstance(item, Tag):
            kept.setdefault(item.name, item)
    return list(kept.values())


def slug_of(address: Any) -> str | None:
    """Last segment of an API address (``…/tags/hot end``, ``…/categories/people/things``), decoded."""
    given = text(address)
    if given is None:
        return None
    try:
        path = urlsplit(given).path
    except ValueError:
        return None
    segments = [unquote(segment) for segment in path.split("/") if segment]
    if segments and segments[-1] == "things":
        segments.pop()
    return label(segments[-1]) if segments else None
