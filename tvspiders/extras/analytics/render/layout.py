"""Places for the nodes of a drawing: each family unfolded around its middle, families in rows."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from tvspiders.extras.analytics.data.columns import Floats, Ints
from tvspiders.extras.analytics.data.graph import Adjacency, Graph, Places

APART = 26.0
"""Least distance between two nodes."""
ROUNDS = 120
"""Steps of relaxation."""


def node_size(children: Ints) -> Floats:
    """Diameter of a node in the drawing."""
    return 10.0 + 3.5 * np.sqrt(np.minimum(children, 400))


def layout(graph: Graph) -> Floats:
    """x and y of each node; the same graph always gives the same drawing."""
    count = len(graph)
    if not count:
        return np.empty((0, 2))
    both = Adjacency.of(
        np.concatenate([graph.source, graph.target]), np.concatenate([graph.target, graph.source]), count
    )
    spots = np.zeros((count, 2))
    order = np.argsort(graph.components, kind="stable")
    bounds = np.flatnonzero(np.diff(graph.components[order])) + 1
    families = np.split(order, bounds)
    for family in families:
        middle = int(family[np.argmax(both.degrees[family])])
        _unfold(both, middle, spots)
    _place(families, spots)
    _relax(graph, spots)
    _place(families, spots)
    return spots


def _unfold(both: Adjacency, middle: int, spots: Floats) -> None:
    """Radial tree: each branch gets a slice of the circle as wide as its leaves are many."""
    parent: dict[int, int] = {middle: -1}
    order = [middle]
    for node in order:
        for other in both.of_node(node).tolist():
            if other not in parent:
                parent[other] = node
                order.append(other)
    leaves = dict.fromkeys(order, 0)
    for node in reversed(order):
        leaves[node] = leaves[node] or 1
        if parent[node] >= 0:
            leaves[parent[node]] += leaves[node]
    start = {middle: 0.0}
    level = {middle: 0}
    taken = dict.fromkeys(order, 0.0)
    unit = 2 * math.pi / leaves[middle]
    for node in order[1:]:
        above = parent[node]
        start[node] = start[above] + taken[above]
        taken[above] += leaves[node] * unit
        level[node] = level[above] + 1
        angle = start[node] + leaves[node] * unit / 2
        radius = APART * 1.6 * level[node]
        spots[node] = radius * math.cos(angle), radius * math.sin(angle)


def _relax(graph: Graph, spots: Floats) -> None:
    """Springs along edges (as strong as in d3-force), and no two nodes on top of each other."""
    source, target = graph.source, graph.target
    degree = np.bincount(source, minlength=len(graph)) + np.bincount(target, minlength=len(graph))
    strength = 1.0 / np.maximum(np.minimum(degree[source], degree[target]), 1)
    room = APART * (1.2 + 0.6 * np.sqrt(np.maximum(degree[source], degree[target])))
    bodies = node_size(graph.child_counts) / 2
    large = np.flatnonzero(bodies * 2 > APART)
    bias = degree[source] / np.maximum(degree[source] + degree[target], 1)
    for step in range(ROUNDS):
        heat = 1.0 - step / ROUNDS
        if len(source):
            along = spots[target] - spots[source]
            length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
            pull = (np.maximum(length - room, 0) / length * strength * 0.5 * heat)[:, None] * along
            _add(spots, target, -pull * bias[:, None])
            _add(spots, source, pull * (1 - bias)[:, None])
        tree = cKDTree(spots)
        pairs = tree.query_pairs(APART, output_type="ndarray")
        if len(pairs):
            one, other = pairs[:, 0], pairs[:, 1]
            along = spots[other] - spots[one]
            length = np.hypot(along[:, 0], along[:, 1])
            same = length < 1e-6
            turn = (one * 2.399963)[same]
            along[same] = np.stack([np.cos(turn), np.sin(turn)], axis=1) * 1e-3
            length = np.maximum(length, 1e-3)
            push = ((APART - length) / length * 0.35)[:, None] * along
            push = np.clip(push, -APART, APART)
            _add(spots, other, push)
            _add(spots, one, -push)
        for node, near in zip(
            large, tree.query_ball_point(spots[large], bodies[large] + APART / 2), strict=True
        ):
            others = np.array([other for other in near if other != node], np.int64)
            if len(others):
                along = spots[others] - spots[node]
                length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-3)
                spots[others] += (np.maximum(bodies[node] + APART / 2 - length, 0) / length)[:, None] * along


def _add(spots: Floats, places: Places, moves: Floats) -> None:
    for axis in (0, 1):
        spots[:, axis] += np.bincount(places, weights=moves[:, axis], minlength=len(spots))


def _place(families: list[Ints], spots: Floats) -> None:
    """Put families side by side in rows, the largest first, in about a square."""
    boxes = []
    for family in families:
        low, high = spots[family].min(axis=0), spots[family].max(axis=0)
        boxes.append((low, high - low + 2.5 * APART))
    order = sorted(range(len(families)), key=lambda n: (-boxes[n][1][1], -len(families[n]), n))
    width = max(
        1.5 * math.sqrt(sum(float(size[0] * size[1]) for _, size in boxes)),
        max(float(size[0]) for _, size in boxes),
    )
    x = y = height = 0.0
    for n in order:
        low, size = boxes[n]
        if x and x + size[0] > width:
            x, y, height = 0.0, y + height, 0.0
        spots[families[n]] += np.array([x, y]) - low
        x += float(size[0])
        height = max(height, float(size[1]))
