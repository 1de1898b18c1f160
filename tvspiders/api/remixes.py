"""Lists of remixes: what was made from a thing, and what it was made from."""

from __future__ import annotations

from typing import Any

from tvspiders.api.lists.rows import Listing, listing
from tvspiders.api.parents import edges_up, parent_id
from tvspiders.api.things import thing_row, told_in
from tvspiders.api.values import identity
from tvspiders.items import AnyItem, Edge


def derivatives(document: Any, parent: int) -> Listing:
    """Direct remixes of ``parent``, newest first (recorded 2021): edge, thing and creator of each."""

    def parse(row: Any) -> list[AnyItem]:
        edge, summary = Edge(parent_id=parent, child_id=parent_id(row), seen_from="parent"), _summary(row)
        edge.tell(*told_in(summary))
        return [edge, *summary]

    return listing(document, parse)


def ancestors(document: Any, child: int) -> Listing:
    """Direct parents of ``child``, from ``/things/{id}/ancestors``: edge, thing and creator of each."""

    def parse(row: Any) -> list[AnyItem]:
        number, summary = parent_id(row), _summary(row)
        return [*edges_up(child, [number], {number: told_in(summary)}), *summary]

    return listing(document, parse)


def _summary(row: Any) -> list[AnyItem]:
    """The thing in the row, where the row is more than a bare number."""
    return thing_row(row) if isinstance(row, dict) and identity(row.get("id")) else []
