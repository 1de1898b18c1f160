"""Parents named by a remix: numbers and edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tvspiders.api.user_input import thing_id
from tvspiders.api.values import identity, rows
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, Creator, Edge, Thing


def parent_ids(value: Any) -> list[int] | None:
    """Numbers of the direct parents, each once, in order; ``None`` when the answer does not name them.

    Recorded as a list of thing summaries (2021 to 2025); the generated client
    of 2025 types it as texts, so numbers and addresses are read as well.

    Raises:
        AnswerRefused: ``ancestors``, when a parent cannot be read: an edge
            must not be lost without a trace. Null members are passed over.

    """
    if value is None:
        return None
    found = rows(value)
    if found is None:
        raise AnswerRefused("ancestors", f"a list was expected, not {type(value).__name__}")
    return list(dict.fromkeys(parent_id(member) for member in found if member is not None))


def parent_id(member: Any) -> int:
    """Number of one parent, from a summary, a number, numeric text or an address.

    Raises:
        AnswerRefused: ``ancestors``.

    """
    candidates = [member]
    if isinstance(member, dict):
        candidates = [member.get("id"), member.get("public_url"), member.get("url")]
    for candidate in candidates:
        if number := identity(candidate):
            return number
        if isinstance(candidate, str):
            try:
                return thing_id(candidate)
            except ValueError:
                continue
    raise AnswerRefused("ancestors", repr(member)[:60])


Told = Sequence[Thing | Creator]
"""A thing and its creator, as an answer about something else tells of them."""


def edges_up(child_id: int, parents: Iterable[int], told: Mapping[int, Told] | None = None) -> list[AnyItem]:
    """One edge for each parent, as the child's page states it; a thing may name itself.

    ``told`` is what the page says of the parents and their creators, by number of parent.
    """
    edges = [Edge(parent_id=number, child_id=child_id, seen_from="child") for number in parents]
    for edge in edges:
        edge.tell(*(told or {}).get(edge.parent_id, ()))
    return list(edges)
