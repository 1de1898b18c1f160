"""The exported part of the network, and the attributes of its nodes and edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.columns import Flags, days_between
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.graph import Graph
from tvspiders.extras.analytics.data.lineage import Lineage
from tvspiders.extras.analytics.data.tables import number
from tvspiders.storage.queries.network import SEEN_FROM_CHILD, SEEN_FROM_PARENT

AT_ONCE = 500
"""Nodes whose texts are read at a time."""


@dataclass(frozen=True)
class Attribute:
    """An attribute of a node or an edge."""

    name: str
    kind: type
    """``str``, ``int``, ``float`` or ``bool``."""
    about: str
    """What it means."""


NODE = (
    Attribute("label", str, "name of the thing"),
    Attribute("creator", str, "login name of the creator"),
    Attribute("license", str, "licence as the site words it"),
    Attribute("added", str, "when it was published"),
    Attribute("url", str, "public page"),
    Attribute(
        "state", str, "stored, gone, hidden, or unknown (named by an edge only, though maybe with its name)"
    ),
    Attribute("download_count", int, "downloads as stated"),
    Attribute("like_count", int, "likes as stated"),
    Attribute("make_count", int, "makes as stated"),
    Attribute("remix_count", int, "remixes as stated"),
    Attribute("children", int, "direct remixes observed, itself not counted"),
    Attribute("parents", int, "direct parents observed, itself not counted"),
    Attribute("generation", int, "longest way down from an original, cycles collapsed"),
    Attribute("generations_below", int, "longest way down from here, cycles collapsed"),
    Attribute("component", int, "lowest id in its weak component"),
    Attribute("pagerank", float, "PageRank on reversed edges, over what is exported"),
)
"""Attributes of a node besides its id."""

EDGE = (
    Attribute("seen_from_child", bool, "the child's page names the parent"),
    Attribute("seen_from_parent", bool, "the parent's list names the child"),
    Attribute("same_creator", bool, "both things are of one creator"),
    Attribute("days", float, "days from the parent's publication to the child's"),
)
"""Attributes of an edge besides its ends."""


class Selection:
    """A part of the network that is closed: no edge leads out of it."""

    def __init__(self, data: Dataset, graph: Graph) -> None:
        self.data = data
        self.graph = graph
        """Without self-edges, which are in ``graph.loops``."""

    @classmethod
    def whole(cls, data: Dataset) -> Selection:
        """Everything that is stored or named by an edge."""
        return cls(data, data.graph)

    @classmethod
    def around(cls, data: Dataset, root: int) -> Selection:
        """The weak component of a thing; raises ``UsageProblem`` when the thing is not known."""
        place = data.graph.place(root)
        if place is None and data.all_edges.place(root) is not None:
            raise UsageProblem(f"thing {root} is left out by --no-customizer")
        if place is None:
            raise UsageProblem(
                f"thing {root} is not stored; "
                f"fetch it with: scrapy crawl remixes -a thing={root} -a depth=all"
            )
        graph = data.graph
        return cls(data, _only(graph, graph.components == graph.components[place]))

    @classmethod
    def component(cls, data: Dataset, rank: int) -> Selection:
        """The weak component of a rank, 1 the largest; raises ``UsageProblem`` when there are fewer."""
        graph = data.graph
        sizes = graph.component_sizes
        if not 1 <= rank <= len(sizes):
            raise UsageProblem(f"--component {rank} is not accepted; accepted: 1 to {len(sizes)}")
        lowest = np.zeros(len(sizes), np.int64)
        lowest[graph.components[::-1]] = graph.ids[::-1]
        chosen = np.lexsort((lowest, -sizes))[rank - 1]
        return cls(data, _only(graph, graph.components == chosen))

    def __len__(self) -> int:
        return len(self.graph)

    @property
    def edge_count(self) -> int:
        """Edges with self-edges."""
        return len(self.graph.source) + len(self.graph.loops)

    @cached_property
    def lineage(self) -> Lineage:
        """Generations of what is exported."""
        return Lineage(self.graph)

    def nodes(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each node's number with its ``NODE`` attributes, in order; ``None`` for what is not known."""
        for start in range(0, len(self.graph), AT_ONCE):
            yield from self._some_nodes(np.arange(start, min(start + AT_ONCE, len(self.graph))))

    def nodes_at(self, places: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        """The same for some nodes, given by their places."""
        for start in range(0, len(places), AT_ONCE):
            yield from self._some_nodes(np.asarray(places[start : start + AT_ONCE]))

    def _some_nodes(self, places: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        graph, things = self.graph, self.data.things
        ids = graph.ids[places]
        rows = things.rows_of(ids)
        cards = self.data.cards(ids)
        for place, thing_id, row in zip(places.tolist(), ids.tolist(), rows.tolist(), strict=True):
            card = cards.get(thing_id, {})
            counts = {
                name: _count(things.counts[name][row]) if row >= 0 else self._told(card, name)
                for name in ("download_count", "like_count", "make_count", "remix_count")
            }
            yield (
                thing_id,
                {
                    "label": card.get("name"),
                    "creator": card.get("creator"),
                    "license": card.get("license"),
                    "added": card.get("added"),
                    "url": card.get("url"),
                    "state": self._state(thing_id, row),
                    **counts,
                    "children": int(graph.child_counts[place]),
                    "parents": int(graph.parent_counts[place]),
                    "generation": int(self.lineage.generation[place]),
                    "generations_below": int(self.lineage.below[place]),
                    "component": int(self._lowest[graph.components[place]]),
                    "pagerank": float(self._rank[place]),
                },
            )

    def edges(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Each edge's parent and child with its ``EDGE`` attributes; self-edges last."""
        graph = self.graph
        added = self.data.published(graph)
        maker = self.data.makers(graph)
        days = days_between(added[graph.source], added[graph.target])
        above, below = maker[graph.source], maker[graph.target]
        known = (above >= 0) & (below >= 0)
        for place in range(len(graph.source)):
            ends = int(graph.ends[place])
            yield (
                int(graph.ids[graph.source[place]]),
                int(graph.ids[graph.target[place]]),
                {
                    "seen_from_child": bool(ends & SEEN_FROM_CHILD),
                    "seen_from_parent": bool(ends & SEEN_FROM_PARENT),
                    "same_creator": bool(above[place] == below[place]) if known[place] else None,
                    "days": None if days[place] != days[place] else round(float(days[place]), 3),
                },
            )
        for thing_id in graph.loops.tolist():
            yield thing_id, thing_id, dict.fromkeys((attribute.name for attribute in EDGE), None)

    @cached_property
    def _rank(self) -> Any:
        return self.graph.pagerank()

    @cached_property
    def _lowest(self) -> Any:
        lowest = np.zeros(len(self.graph.component_sizes), np.int64)
        lowest[self.graph.components[::-1]] = self.graph.ids[::-1]
        return lowest

    @cached_property
    def _missing(self) -> tuple[set[int], set[int]]:
        gone, hidden = self.data.missing
        return set(gone.tolist()), set(hidden.tolist())

    def _told(self, card: dict[str, Any], name: str) -> int | None:
        """A count of a thing that only others name; as of an earlier day it is not known."""
        return card.get(name) if self.data.options.as_of is None else None

    def _state(self, thing_id: int, row: int) -> str:
        gone, hidden = self._missing
        if thing_id in gone:
            return "gone"
        if thing_id in hidden:
            return "hidden"
        return "stored" if row >= 0 else "unknown"


def _count(value: float) -> int | None:
    """A count as the files' 64-bit integers hold it: the largest is rounded up to 2**63 in a float."""
    found = number(value)
    return None if found is None else min(int(found), 2**63 - 1)


def _only(graph: Graph, nodes: Flags) -> Graph:
    return graph.without(~nodes, np.zeros(len(graph.source), np.bool_))
