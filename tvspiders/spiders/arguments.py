"""The arguments of the spiders in words, from the models that check them.

``python -m tvspiders.spiders.arguments`` prints the table for the documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from scrapy import Spider
from scrapy.utils.misc import load_object

from tvspiders import params
from tvspiders.extras import offered
from tvspiders.params import listings
from tvspiders.printing import say

MODELS: Mapping[str, type[BaseModel]] = {
    "things": params.ThingsParams,
    "categories": params.CategoriesParams,
    "users": params.UsersParams,
    "remixes": params.RemixesParams,
    "refresh": params.RefreshParams,
    "listings": listings.ListingsParams,
    "collections": listings.CollectionsParams,
    "tags": listings.TagsParams,
    **{name: load_object(path) for models in offered("ARGUMENTS") for name, path in models.items()},
}
"""Name of a spider -> the model of its arguments."""


def argument_model(spider: type[Spider]) -> type[BaseModel] | None:
    """The model of a spider's arguments, ``None`` for a spider without one."""
    for parent in spider.__mro__:
        for base in getattr(parent, "__orig_bases__", ()):
            for argument in getattr(base, "__args__", ()):
                if isinstance(argument, type) and issubclass(argument, BaseModel):
                    return argument
    return None


def arguments_table() -> str:
    """All arguments of all spiders as a Markdown table."""
    lines = ["| argument | spiders | type | default | meaning |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | {spiders} | {_type(field)} | {_default(field)} | {_meaning(field)} |"
        for name, field, spiders in _all_fields()
    ]
    return "\n".join(lines) + "\n"


def help_text(spider: str) -> str:
    """The arguments of one spider, for the terminal.

    Raises:
        KeyError: when there is no such spider.

    """
    fields = MODELS[spider].model_fields
    lines = [f"Arguments of {spider}, each given as -a NAME=VALUE:", ""]
    for name in _in_order(fields):
        field = fields[name]
        lines.append(f"  {name}  ({_type(field, '|')}; {_default(field, plain=True)})")
        lines.append(f"      {_meaning(field)}")
        lines += [
            f"      scrapy crawl {spider} -a {name}={_quoted(example)}" for example in field.examples or ()
        ]
    return "\n".join(lines) + "\n"


def _in_order(fields: Mapping[str, FieldInfo]) -> list[str]:
    """Names of a spider's own arguments first, then those that all spiders share."""
    shared = [*params.EXTRAS, *params.CrawlParams.model_fields]
    return [name for name in fields if name not in shared] + [name for name in shared if name in fields]


def _all_fields() -> Iterator[tuple[str, FieldInfo, str]]:
    """Each argument once for all spiders where it means the same."""
    where: dict[tuple[str, str, str, str], list[str]] = {}
    first: dict[tuple[str, str, str, str], FieldInfo] = {}
    shared = [*params.EXTRAS, *params.CrawlParams.model_fields]
    for spider, model in MODELS.items():
        for name in _in_order(model.model_fields):
            field = model.model_fields[name]
            key = (name, _type(field), _default(field), _meaning(field))
            where.setdefault(key, []).append(spider)
            first.setdefault(key, field)
    for key in sorted(where, key=lambda key: key[0] in shared):
        spiders = where[key]
        yield key[0], first[key], "all" if len(spiders) == len(MODELS) else ", ".join(spiders)


def _type(field: FieldInfo, between: str = ", ") -> str:
    return _type_name(field.annotation, between)


def _type_name(annotation: Any, between: str) -> str:
    origin, given = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type_name(given[0], between)
    if origin in (Union, UnionType):
        return " or ".join(_type_name(part, between) for part in given if part is not type(None))
    if origin is Literal:
        return between.join(map(str, given))
    if origin is list:
        inner = _type_name(given[0], between)
        return f"list of {inner}" if between in inner else f"list of {inner}s"
    return {int: "number", str: "text", bool: "true or false"}.get(annotation, str(annotation))


def _default(field: FieldInfo, *, plain: bool = False) -> str:
    if field.is_required():
        return "must be given" if plain else "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == [] or value is PydanticUndefined:
        return "no default" if plain else ""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return f"default {text}" if plain else f"`{text}`"


def _meaning(field: FieldInfo) -> str:
    return field.description or ""


def _quoted(example: Any) -> str:
    text = str(example)
    return f"'{text}'" if any(sign in text for sign in " &;") else text


if __name__ == "__main__":
    say(*arguments_table().splitlines())
