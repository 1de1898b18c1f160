"""What an output of the pipelines is: an item of ours, whatever type carries it, or a user's own."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_args, get_type_hints

from itemadapter import ItemAdapter
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from scrapy import Request
from scrapy.settings import BaseSettings

from tvspiders import meta
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Creator, Edge, Item

KINDS: dict[str, type[Item]] = {str(kind.kind): kind for kind in get_args(AnyItem)}
"""Class of each kind of item."""


def leave_out(output: Any, settings: BaseSettings) -> None:
    """Take out of an item, and what it tells, what the user does not keep (``TV_KEEP_PROFILES=False``)."""
    if settings.getbool("TV_KEEP_PROFILES"):
        return
    for item in (output, *(output.told if isinstance(output, Edge) else ())):
        if isinstance(item, Creator):
            item.forget_person()


def told_by(request: Request, settings: BaseSettings) -> list[Item]:
    """What the row that led to a request tells of its subject, less what the user does not keep."""
    told: list[Item] = list(meta.told(request))
    for item in told:
        leave_out(item, settings)
    return told


def says_ours(output: Any) -> bool:
    """Whether something is an item of ours, or says so by its field ``kind``."""
    return isinstance(output, Item) or _kind(output) is not None


def item_of(output: Any, was_ours: bool = False) -> Item | None:
    """The item of ours that an output is, ``None`` for a user's own.

    Fields that ours do not have are left to the feeds. ``was_ours`` says that it came from one.

    Raises ``AnswerRefused`` for what is no item at all, and for what came from an item of ours, or
    calls itself one, and lacks what it takes.
    """
    if isinstance(output, Item):
        return output
    if not ItemAdapter.is_item(output):
        raise AnswerRefused("item", f"{type(output).__name__} is no item; a pipeline must return one")
    kind = _kind(output)
    if kind is None:
        if was_ours:
            raise AnswerRefused(
                "item",
                f"a pipeline made of an item that is to be stored {type(output).__name__} without kind",
            )
        return None
    try:
        values = _model(kind).model_validate(ItemAdapter(output).asdict())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise AnswerRefused(
            "item", f"{type(output).__name__} of kind {kind}, field {field}: {first['msg']}"
        ) from None
    return KINDS[kind](**dict(values))


def _kind(output: Any) -> str | None:
    kind = ItemAdapter(output).get("kind") if ItemAdapter.is_item(output) else None
    return kind if isinstance(kind, str) and kind in KINDS else None


@cache
def _model(kind: str) -> type[BaseModel]:
    """What checks the fields of a kind; others are left out."""
    hints = get_type_hints(KINDS[kind])
    settable = [field for field in fields(KINDS[kind]) if field.init]
    given: Any = {f.name: (hints[f.name], ... if f.default is MISSING else f.default) for f in settable}
    return create_model(kind, __config__=ConfigDict(strict=True), **given)
