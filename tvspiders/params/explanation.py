"""Read a spider's arguments, and explain wrong ones in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from tvspiders.errors import UsageProblem
from tvspiders.params.values import parted

Model = TypeVar("Model", bound=BaseModel)
NAMED = 5
"""Differences between arguments and requests that are named."""


def read_arguments(spider: str, model: type[Model], given: Mapping[str, Any]) -> Model:
    """The arguments of a spider; raises ``UsageProblem`` for one that is misspelt, missing or wrong."""
    try:
        return model(**given)
    except ValidationError as error:
        accepted = ", ".join(model.model_fields)
        raise UsageProblem(f"spider {spider}: {explain(error)}; accepted arguments: {accepted}") from None


def asked_otherwise(model: type[BaseModel] | None, given: Mapping[str, Any]) -> str:
    """What is requested in place of what was typed, in one line; empty where that is the same.

    Arguments that hold a list are compared part by part; their files were not typed.
    """
    said = []
    for name, text in given.items():
        field = model.model_fields.get(name) if model is not None else None
        if field is None or not isinstance(text, str):
            continue
        adapter = TypeAdapter(field.rebuild_annotation())
        for part in parted(text):
            try:
                read = adapter.validate_python(part)
            except ValidationError:
                continue
            if isinstance(read, list) and [str(one) for one in read] != [part]:
                said.append(f"{name}={part} is asked as {', '.join(map(str, read))}")
    more = f"; and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return "; ".join(said[:NAMED]) + more


def explain(error: ValidationError) -> str:
    """What is wrong with the arguments and what is accepted, in one line."""
    lines: dict[str, None] = {}
    previous = ""
    for problem in error.errors(include_url=False):
        text = _explain_one(dict(problem))
        start, found, rest = text.partition(": input should be ")
        if found and previous == start:  # another kind that the same value could have been
            lines[f"{lines.popitem()[0]}, or {rest}"] = None
        else:
            lines[text] = None
        previous = start if found else ""
    return "; ".join(lines)


def _explain_one(problem: dict[str, Any]) -> str:
    place = [str(part) for part in problem["loc"]]
    name = place[0] if place else ""
    if problem["type"] == "extra_forbidden" and name == "sort":
        return (
            "unknown argument 'sort': the API has no order for these lists; "
            "scrapy crawl things -a category_id=96 -a sort=popular sorts the things of a category"
        )
    if problem["type"] == "extra_forbidden":
        return f"unknown argument {name!r}"
    if problem["type"] == "missing":
        return f"argument {name!r} is missing"
    if problem["type"] == "bool_parsing":
        problem["msg"] = "input should be true or false"
    message = str(problem["msg"]).removeprefix("Value error, ")
    message = f"{message[:1].lower()}{message[1:]}"
    if not name:
        return message
    given = repr(problem.get("input"))
    return f"argument {name}={given if len(given) <= 80 else given[:77] + '...'}: {message}"
