"""DOT, node-link JSON, CSV and nested JSON."""

from __future__ import annotations

import csv
import json
from typing import Any, TextIO

import numpy as np

from tvspiders.extras.analytics.data.lineage import Walker
from tvspiders.extras.analytics.data.selection import EDGE, NODE, Selection
from tvspiders.harmless import cell, visible


def dot(selection: Selection, out: TextIO) -> None:
    """DOT, as Graphviz reads it."""
    out.write("digraph remixes {\n")
    for thing_id, values in selection.nodes():
        out.write(f"{thing_id}{_listed(values)};\n")
    for parent, child, values in selection.edges():
        out.write(f"{parent} -> {child}{_listed(values)};\n")
    out.write("}\n")


def _listed(values: dict[str, Any]) -> str:
    pairs = [f"{name}={_quoted(value)}" for name, value in values.items() if value is not None]
    return f" [{', '.join(pairs)}]" if pairs else ""


def _quoted(value: Any) -> str:
    text = visible(str(value)) if not isinstance(value, bool) else str(value).lower()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def node_link(selection: Selection, out: TextIO) -> None:
    """Node-link JSON, as ``networkx.node_link_graph(..., edges="links")`` and D3 read it."""
    out.write('{"directed": true, "multigraph": false, "graph": {"edges": "parent to child"},\n"nodes": [\n')
    for place, (thing_id, values) in enumerate(selection.nodes()):
        out.write(("," if place else "") + json.dumps({"id": thing_id} | values) + "\n")
    out.write('],\n"links": [\n')
    for place, (parent, child, values) in enumerate(selection.edges()):
        out.write(("," if place else "") + json.dumps({"source": parent, "target": child} | values) + "\n")
    out.write("]}\n")


def edge_list(selection: Selection, out: TextIO) -> None:
    """CSV of edges: ``source,target`` and their attributes."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["source", "target", *(attribute.name for attribute in EDGE)])
    for parent, child, values in selection.edges():
        writer.writerow([parent, child, *(cell(value) for value in values.values())])


def node_list(selection: Selection, out: TextIO) -> None:
    """CSV of nodes: ``id`` and their attributes."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["id", *(attribute.name for attribute in NODE)])
    for thing_id, values in selection.nodes():
        writer.writerow([thing_id, *(cell(value) for value in values.values())])


def tree(selection: Selection, out: TextIO, root: int) -> None:
    """Nested JSON of all that is below a root.

    Each thing is opened once, where the fewest steps lead to it; elsewhere it
    stands as ``"repeated": true`` without children. Written without recursion:
    a lineage may be deeper than the interpreter's stack.
    """
    graph = selection.graph
    start = graph.place(root)
    if start is None:
        raise LookupError(root)
    distance = np.full(len(graph), -1, np.int64)
    distance[start] = 0
    below = Walker(graph).below(start)
    for step, part in enumerate(below, 1):
        distance[part] = step
    places = np.sort(np.concatenate([np.array([start]), *below]))
    attributes = dict(selection.nodes_at(places))
    loops = set(graph.loops.tolist())
    opened = {start}
    out.write(_open(attributes, root))
    stack = [iter(_children(graph, start, loops))]
    owners = [start]
    first = True
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            owners.pop()
            out.write("]}")
            first = False
            continue
        out.write("\n" if first else ",\n")
        thing_id = int(graph.ids[child])
        if child not in opened and distance[child] == distance[owners[-1]] + 1:
            opened.add(child)
            out.write(_open(attributes, thing_id))
            stack.append(iter(_children(graph, child, loops)))
            owners.append(child)
            first = True
        else:
            out.write(json.dumps({"id": thing_id, "name": attributes[thing_id]["label"], "repeated": True}))
            first = False
    out.write("\n")


def _children(graph: Any, place: int, loops: set[int]) -> list[int]:
    children = np.sort(graph.children.of_node(place)).tolist()
    return [*children, place] if int(graph.ids[place]) in loops else children


def _open(attributes: dict[int, dict[str, Any]], thing_id: int) -> str:
    values = attributes[thing_id]
    shown = {"id": thing_id, "name": values["label"]} | {
        name: values[name]
        for name in ("creator", "license", "added", "state", "download_count", "remix_count")
    }
    return json.dumps(shown)[:-1] + ', "children": ['
