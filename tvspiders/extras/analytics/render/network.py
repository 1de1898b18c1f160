"""The part of the network that the HTML report draws, as data for its script."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.columns import Flags
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.graph import Graph
from tvspiders.extras.analytics.data.options import NetworkOptions
from tvspiders.extras.analytics.data.selection import Selection
from tvspiders.extras.analytics.render.layout import layout, node_size
from tvspiders.harmless import visible

CARD = (
    "label", "creator", "license", "added", "url", "state", "download_count", "like_count", "make_count",
    "remix_count", "children", "parents", "generation", "generations_below", "pagerank",
)  # fmt: skip
"""Attributes of each node for the script, in this order, after its id and place."""


def network(data: Dataset, options: NetworkOptions) -> dict[str, Any]:
    """Nodes, edges and a line on what is shown."""
    graph = data.graph
    chosen = _chosen(graph, options)
    drawn = graph.without(~chosen, np.zeros(len(graph.source), np.bool_))
    whole = Selection(data, graph)
    spots = layout(drawn)
    places = np.flatnonzero(chosen)
    nodes = [
        [thing_id, round(float(x)), round(float(y)), *(_safe(name, values[name]) for name in CARD)]
        for (thing_id, values), (x, y) in zip(whole.nodes_at(places), spots, strict=True)
    ]
    linked = int(((graph.child_counts > 0) | (graph.parent_counts > 0)).sum())
    note = (
        f"{len(drawn)} of {linked} things with remix edges, {len(drawn.source)} of {len(graph.source)} edges"
    )
    if options.root is not None:
        note = f"the family of thing {options.root}: {note}"
    elif len(drawn) < linked:
        note += "; the largest families first (--network-nodes, --root)"
    return {
        "note": note,
        "links": data.options.pseudonyms is None,
        "fields": list(CARD),
        "nodes": nodes,
        "edges": np.stack([drawn.source, drawn.target], axis=1).tolist(),
        "loops": drawn.loops.tolist(),
        "sizes": [round(float(size), 1) for size in node_size(graph.child_counts[places])],
    }


def _safe(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    return round(value, 9) if name == "pagerank" else value


def _chosen(graph: Graph, options: NetworkOptions) -> Flags:
    chosen = np.zeros(len(graph), np.bool_)
    sizes = graph.component_sizes
    if options.root is not None:
        place = graph.place(options.root)
        if place is None:
            raise UsageProblem(f"thing {options.root} is not stored")
        _fill(graph, chosen, place, options.most)
        return chosen
    order = np.argsort(-sizes[graph.components], kind="stable")
    order = order[sizes[graph.components[order]] > 1]
    degree = graph.child_counts + graph.parent_counts
    left = options.most
    for number in dict.fromkeys(graph.components[order].tolist()):
        size = int(sizes[number])
        inside = np.flatnonzero(graph.components == number) if size > 200 else None
        if left <= 1:
            break
        if inside is None:
            break
        if size <= left:
            chosen[inside] = True
            left -= size
        else:
            left -= _fill(graph, chosen, int(inside[np.argmax(degree[inside])]), left)
    small = order[sizes[graph.components[order]] <= 200]
    small = small[np.lexsort((graph.components[small], -sizes[graph.components[small]]))]
    fits = small[:left]
    if len(fits) < len(small) and len(fits):
        cut = graph.components[small[len(fits)]]
        fits = fits[graph.components[fits] != cut]
    chosen[fits] = True
    return chosen


def _fill(graph: Graph, chosen: Flags, start: int, most: int) -> int:
    """Choose the nodes nearest to a start, in whichever direction, until there are enough."""
    front, count = [start], 1
    chosen[start] = True
    while front and count < most:
        following: list[int] = []
        for node in front:
            for other in [*graph.children.of_node(node).tolist(), *graph.parents.of_node(node).tolist()]:
                if not chosen[other] and count < most:
                    chosen[other] = True
                    count += 1
                    following.append(other)
        front = following
    return count
