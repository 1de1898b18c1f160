"""Categories: the tree, and what a thing is filed under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tvspiders.api.known_categories import KNOWN
from tvspiders.api.lists.rows import Listing, as_row, listing
from tvspiders.api.tags import slug_of
from tvspiders.api.values import count, label, rows
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Category, ThingCategory


def categories(document: Any, parent: str | None = None) -> Listing:
    """A list of categories, each followed by the children it carries.

    Since 2021 a row has ``id`` (0 is valid: Other), ``slug`` and ``count``; in 2015 and 2020
    only ``name`` and ``url``. The slug is never made from the name (recorded:
    ``Sport & Outdoors`` is ``sports-and-outdoors``) but taken from the end of ``url``.
    """
    return listing(document, lambda row: list(_tree(row, parent)))


def category(document: Any, asked: str) -> list[AnyItem]:
    """The category asked for, by slug, and its children (reported 2026).

    The name is accepted in place of the slug, as the API itself did in 2015.

    Raises:
        AnswerRefused: ``shape``, ``no-slug``, or ``wrong-id`` for another category.

    """
    row = as_row(document)
    known = [_slug(row), label(row.get("name"))]
    if not any(known):
        raise AnswerRefused("no-slug")
    if asked.lower() not in [name.lower() for name in known if name]:
        raise AnswerRefused("wrong-id", f"asked for {asked!r}, got {known[0] or known[1]!r}")
    return list(_tree(row, None, slug=_slug(row) or label(asked)))


def thing_categories(document: Any, thing_id: int) -> Listing:
    """Categories of a thing, in practice one (recorded 2020 and 2021), each with that fact."""
    return listing(document, lambda row: _filed(_category(as_row(row), None, None), thing_id))


class Inside(NamedTuple):
    """Categories that a thing's page or row carries."""

    names: list[str] | None = None
    """As shown, each once; ``None`` where the answer names none, or one that was not understood."""
    items: tuple[AnyItem, ...] = ()


def categories_inside(value: Any, thing_id: int) -> Inside:
    """Categories inside a thing: maps as ``/things/{id}/categories`` lists them, or texts (one guide, 2026).

    A text is understood where it is a known category's name or slug: a slug is never made from a name.
    """
    found = rows(value)
    if value is None or found is None:
        return Inside()
    kept: dict[str, Category] = {}
    whole = True
    for member in found:
        try:
            category = _known(member) or _category(as_row(member), None, None)
        except AnswerRefused:
            whole = False
            continue
        kept.setdefault(category.slug, category)
    names = dict.fromkeys(category.name or category.slug for category in kept.values())
    items = (item for category in kept.values() for item in _filed(category, thing_id))
    return Inside(list(names) if whole else None, tuple(items))


def _known(member: Any) -> Category | None:
    """The built-in category that a text names."""
    wanted = label(member) if isinstance(member, str) else None
    if wanted is None:
        return None
    return next(
        (
            Category(slug=slug, id=one.id, name=one.name)
            for slug, one in KNOWN.items()
            if wanted in (slug, one.name)
        ),
        None,
    )


def _filed(category: Category, thing_id: int) -> list[AnyItem]:
    return [
        ThingCategory(thing_id=thing_id, category_slug=category.slug, category_name=category.name),
        category,
    ]


def _tree(row: Any, parent: str | None, slug: str | None = None) -> Iterator[Category]:
    """The category, then its children, which may have children in turn (the decoder limits the depth)."""
    given = as_row(row)
    found = _category(given, parent, slug)
    yield found
    children = rows(given.get("children"))
    if children is None:
        raise AnswerRefused("shape", "children is no list")
    for child in children:
        yield from _tree(child, found.slug)


def _category(row: dict[str, Any], parent: str | None, slug: str | None) -> Category:
    found = slug or _slug(row)
    if found is None:
        raise AnswerRefused("no-slug")
    return Category(
        slug=found,
        id=count(row.get("id")),
        name=label(row.get("name")),
        parent_slug=parent,
        thing_count=count(row.get("count")),
    )


def _slug(row: dict[str, Any]) -> str | None:
    return label(row.get("slug")) or slug_of(row.get("url"))
