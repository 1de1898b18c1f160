"""The shape of JSON values: every path in them and the types found there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Shape = dict[str, str]

OPEN = ("edu_details_parts[].opts", "details_parts[]")
"""Paths below which recordings differ from thing to thing: looked at by tests of their own."""


def shape_of(values: Iterable[Any]) -> Shape:
    """Paths and types of several values of one kind.

    >>> shape_of([{"id": 1, "tags": [{"name": "x"}]}, {"id": 2, "tags": []}])["tags[].name"]
    'str'
    """
    found: dict[str, set[str]] = {}
    for value in values:
        _walk("", value, found)
    return {path: " ".join(sorted(types)) for path, types in found.items()}


def _walk(path: str, value: Any, found: dict[str, set[str]]) -> None:
    if path:
        found.setdefault(path, set()).add("null" if value is None else type(value).__name__)
    if path in OPEN:
        return
    if isinstance(value, dict):
        for key, below in value.items():
            _walk(f"{path}.{key}" if path else key, below, found)
    elif isinstance(value, list):
        for below in value:
            _walk(f"{path}[]", below, found)
