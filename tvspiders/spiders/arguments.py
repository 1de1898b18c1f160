"""The arguments of the spiders in words, from the models that check them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from scrapy.utils.spider import iter_spider_classes

from tvspiders.extras import folders
from tvspiders.params import EXTRAS, CrawlParams
from tvspiders.spiders.categories import CategoriesSpider
from tvspiders.spiders.collections import CollectionsSpider
from tvspiders.spiders.listings import ListingsSpider
from tvspiders.spiders.refresh import RefreshSpider
from tvspiders.spiders.remixes import RemixesSpider
from tvspiders.spiders.tags import TagsSpider
from tvspiders.spiders.things import ThingsSpider
from tvspiders.spiders.users import UsersSpider

SPIDERS = (
    ThingsSpider,
    CategoriesSpider,
    UsersSpider,
    RemixesSpider,
    RefreshSpider,
    ListingsSpider,
    CollectionsSpider,
    TagsSpider,
)
"""In the order of the documents; those of the extras follow."""


def _models() -> Iterator[tuple[str, type[CrawlParams]]]:
    for spider in SPIDERS:
        yield spider.name, spider.argument_model
    for module in iter_modules(folders("spiders")):
        for found in iter_spider_classes(import_module(f"tvspiders.spiders.{module.name}")):
            yield found.name, found.argument_model  # type: ignore[attr-defined]


MODELS: Mapping[str, type[CrawlParams]] = dict(_models())
"""Name of a spider -> the model of its arguments."""


def arguments_table() -> str:
    """All arguments of all spiders as a Markdown table."""
    lines = ["| argument | spiders | type | default | meaning |", "|---|---|---|---|---|"]
    lines += [
        f"| `{name}` | {spiders} | {_type(field)} | {_default(field)} | {_meaning(field)} |"
        for name, field, spiders in _all_fields()
    ]
    return "\n".join(lines) + "\n"


def help_text(spider: str, model: type[CrawlParams]) -> str:
    """The arguments of one spider, for the terminal."""
    fields = model.model_fields
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
    shared = [*EXTRAS, *CrawlParams.model_fields]
    return [name for name in fields if name not in shared] + [name for name in shared if name in fields]


def _all_fields() -> Iterator[tuple[str, FieldInfo, str]]:
    """Each argument once for all spiders where it means the same."""
    where: dict[tuple[str, str, str, str], list[str]] = {}
    first: dict[tuple[str, str, str, str], FieldInfo] = {}
    shared = [*EXTRAS, *CrawlParams.model_fields]
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
