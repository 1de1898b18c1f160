"""Things: the detail of one, and the rows of every list that holds things."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

from tvspiders.api.categories import categories_inside
from tvspiders.api.files import zip_files
from tvspiders.api.lists.rows import Listing, as_row, listing, row_id
from tvspiders.api.parents import Told, edges_up, parent_ids
from tvspiders.api.tags import tags_inside
from tvspiders.api.users import creator_summary
from tvspiders.api.values import count, flag, identity, label, link, moment, rows, text
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, CollectionMember, Creator, Like, Thing, ThingCategory

DETAIL_PARTS = frozenset({"creator", "edges", "tags", "categories", "files"})
"""What :func:`thing_detail` gives besides the thing, unless told otherwise; ``parents`` is one more."""


def thing_detail(document: Any, asked: int, parts: Collection[str] = DETAIL_PARTS) -> list[AnyItem]:
    """The thing asked for, first, and what hangs off it.

    ``parts`` may name ``creator`` (summary), ``edges`` (one for each parent,
    seen from the child), ``tags``, ``categories``, ``files`` (names only, from
    ``zip_data``, recorded since 2025) and ``parents`` (the parents' own summaries
    as things).

    ``ancestors`` is ``None`` before 2021, when details did not carry it. No
    recorded detail carries ``categories``; where one does, they are read.

    Raises:
        AnswerRefused: ``shape`` or ``no-id`` when this is no thing,
            ``wrong-id`` when it is another one, ``ancestors`` when a parent
            is named in a way that is not understood (no edge may be lost).

    """
    row = as_row(document)
    number = row_id(row)
    if number != asked:
        raise AnswerRefused("wrong-id", f"asked for {asked}, got {number}")
    if "name" not in row and "public_url" not in row:
        raise AnswerRefused("shape", "neither name nor public_url")
    parents = parent_ids(row.get("ancestors"))
    tags = tags_inside(row.get("tags"))
    filed = categories_inside(row.get("categories"), number)
    thing = _thing(row, number)
    thing.detail = True
    thing.tags = None if tags is None else [tag.name for tag in tags]
    thing.categories = filed.names
    thing.ancestors = parents
    items: list[AnyItem] = [thing]
    if "creator" in parts and (creator := creator_summary(row.get("creator"))):
        items.append(creator)
    if "edges" in parts:
        items += edges_up(number, parents or [], _parents_told(row.get("ancestors")))
    if "parents" in parts:
        for parent in _parent_rows(row.get("ancestors")):
            items += thing_row(parent)
    if "tags" in parts:
        items += tags or []
    if "categories" in parts:
        items += filed.items
    if "files" in parts:
        items += zip_files(row.get("zip_data"), number)
    return items


def thing_row(row: Any) -> list[AnyItem]:
    """A thing in a list and its creator's summary: rows of all years, from searches to ancestors.

    No recorded row carries downloads, views, licence, remixes, ancestors or categories. One
    that does is believed, with the edges and categories that it names; ancestors that cannot be
    read are left to the thing's own page.

    Raises:
        AnswerRefused: ``shape`` or ``no-id``.

    """
    given = as_row(row)
    thing, filed = _thing_in_list(given)
    items: list[AnyItem] = [thing]
    if creator := creator_summary(given.get("creator")):
        items.append(creator)
    parents = edges_up(thing.id, thing.ancestors or [], _parents_told(given.get("ancestors")))
    return [*items, *parents, *filed]


def thing_rows(document: Any) -> Listing:
    """Any list of things: search, newest, a user's things …"""
    return listing(document, thing_row)


def category_things(document: Any, slug: str, name: str | None = None) -> Listing:
    """Things filed under a category, each with that fact."""

    def parse(row: Any) -> list[AnyItem]:
        items = thing_row(row)
        number = row_id(row)
        return [*items, ThingCategory(thing_id=number, category_slug=slug, category_name=name)]

    return listing(document, parse)


def collection_things(document: Any, collection_id: int) -> Listing:
    """Things in a collection, each with that fact (recorded 2025)."""

    def parse(row: Any) -> list[AnyItem]:
        items = thing_row(row)
        return [*items, CollectionMember(collection_id=collection_id, thing_id=row_id(row))]

    return listing(document, parse)


def user_likes(document: Any, username: str, user_id: int) -> Listing:
    """Things that a user likes, each with that fact (specification; not recorded)."""

    def parse(row: Any) -> list[AnyItem]:
        items = thing_row(row)
        return [*items, Like(user_id=user_id, thing_id=row_id(row), username=username)]

    return listing(document, parse)


def told_in(items: Iterable[AnyItem]) -> Told:
    """The thing of a row and its creator, as what an answer about something else tells."""
    return [item for item in items if isinstance(item, Thing | Creator)]


def _parents_told(value: Any) -> dict[int, Told]:
    """What ``ancestors`` says of each parent that it names by number, and of its creator."""
    return {row_id(parent): told_in(thing_row(parent)) for parent in _parent_rows(value)}


def _thing_in_list(row: dict[str, Any]) -> tuple[Thing, list[AnyItem]]:
    """The thing itself, and the categories that it is filed under."""
    thing = _thing(row, row_id(row))
    tags = tags_inside(row.get("tags"))
    filed = categories_inside(row.get("categories"), thing.id)
    thing.tags = None if tags is None else [tag.name for tag in tags]
    thing.categories = filed.names
    with suppress(AnswerRefused):
        thing.ancestors = parent_ids(row.get("ancestors"))
    return thing, list(filed.items)


def _parent_rows(value: Any) -> list[dict[str, Any]]:
    """The parents in ``ancestors`` that come with more than a number."""
    found = [member for member in rows(value) or [] if isinstance(member, dict)]
    return [member for member in found if identity(member.get("id"))]


def _thing(row: Mapping[str, Any], number: int) -> Thing:
    """Fields that details and rows share."""
    creator = row.get("creator")
    creator = creator if isinstance(creator, dict) else {}
    return Thing(
        id=number,
        name=text(row.get("name")),
        creator=label(creator.get("name")),
        creator_id=identity(creator.get("id")),
        creator_url=link(creator.get("public_url")),
        added=moment(row.get("added")) or moment(row.get("created_at")),
        modified=moment(row.get("modified")),
        license=text(row.get("license")),
        download_count=count(row.get("download_count")),
        remix_count=count(row.get("remix_count")),
        view_count=count(row.get("view_count")),
        file_count=count(row.get("file_count")),
        like_count=count(row.get("like_count")),
        make_count=count(row.get("make_count")),
        collect_count=count(row.get("collect_count")),
        comment_count=count(row.get("comment_count")),
        is_derivative=flag(row.get("is_derivative")),
        is_featured=flag(row.get("is_featured")),
        is_nsfw=flag(row.get("is_nsfw")),
        is_wip=flag(row.get("is_wip")),
        is_published=flag(row.get("is_published")),
        is_private=flag(row.get("is_private")),
        allows_derivatives=flag(row.get("allows_derivatives")),
        url=link(row.get("public_url")),
        thumbnail=link(row.get("thumbnail")),
        preview_image=link(row.get("preview_image")),
    )
