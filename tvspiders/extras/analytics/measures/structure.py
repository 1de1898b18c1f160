"""The shape of the network: originals, chains, forks, merges, components, lineages and growth."""

from __future__ import annotations

import numpy as np

from tvspiders.extras.analytics.data.columns import Floats, days_between, distinct, iso
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.lineage import Lineage
from tvspiders.extras.analytics.data.tables import (
    MEASURES,
    Column,
    Row,
    Section,
    Table,
    columns,
    measure,
    number,
    ranked,
    share,
)
from tvspiders.extras.analytics.measures.coverage import Coverage
from tvspiders.extras.analytics.measures.growth import by_month, doubling_months, month_text


def structure_section(data: Dataset, coverage: Coverage) -> Section:
    """All tables about structure."""
    covered = f"{data.options.heading}; {coverage.line}"
    lineage = Lineage(data.graph)
    cycles = lineage.cycles()
    return Section(
        "structure",
        f"Structure ({data.options.heading})",
        [
            _shape(data, lineage, cycles, covered),
            _components(data, lineage, covered),
            _lineage(data, lineage, covered),
            _cycles(data, cycles, covered),
            *_delays(data, coverage),
            *_growth(data, coverage),
        ],
    )


def _shape(data: Dataset, lineage: Lineage, cycles: list[list[int]], covered: str) -> Table:
    graph = data.graph
    children, parents = graph.child_counts, graph.parent_counts
    remixes, merges = int((parents > 0).sum()), int((parents > 1).sum())
    sizes = graph.component_sizes
    ghosts = int((data.things.rows_of(graph.ids) < 0).sum())
    rows = [
        measure("nodes", "things in the network", len(graph), "things"),
        measure("ghosts", "of these named by edges only", ghosts, "things"),
        measure("edges", "edges", len(graph.source), "edges"),
        measure("self_edges", "self-edges (left out of all measures)", len(graph.loops), "edges"),
        measure("isolated", "without any edge", int(((children == 0) & (parents == 0)).sum()), "things"),
        measure("roots", "roots: remixed, no parent", int(((children > 0) & (parents == 0)).sum()), "things"),
        measure(
            "leaves", "leaves: a parent, not remixed", int(((children == 0) & (parents > 0)).sum()), "things"
        ),
        measure(
            "chains",
            "chain links: one parent, one child",
            int(((children == 1) & (parents == 1)).sum()),
            "things",
        ),
        measure("forks", "forks: two children or more", int((children > 1).sum()), "things"),
        measure("remixes", "remixes: one parent or more", remixes, "things"),
        measure("merges", "merges: two parents or more", merges, "things"),
        measure("merge_share", "merges among remixes", share(merges, remixes), "%"),
        measure("components", "weak components of two or more", int((sizes > 1).sum()), "components"),
        measure("largest_component", "largest weak component", int(sizes.max(initial=0)), "things"),
        measure("cycles", "cycles (strong components of two or more)", len(cycles), "cycles"),
        measure("longest_lineage", "longest lineage", max(len(lineage.longest()) - 1, 0), "generations"),
    ]
    return Table("shape", "Shape of the network", MEASURES, rows, covered)


def _components(data: Dataset, lineage: Lineage, covered: str) -> Table:
    graph = data.graph
    sizes = graph.component_sizes
    several = np.flatnonzero(sizes > 1)
    lowest = np.zeros(len(sizes), np.int64)
    lowest[graph.components[::-1]] = graph.ids[::-1]
    best = several[np.lexsort((lowest[several], -sizes[several]))][: data.options.top]
    edges = np.bincount(graph.components[graph.source], minlength=len(sizes))
    originals = np.bincount(
        graph.components[(graph.parent_counts == 0) & (graph.child_counts > 0)], minlength=len(sizes)
    )
    depth = np.zeros(len(sizes), np.int64)
    np.maximum.at(depth, graph.components, lineage.generation)
    cards = data.cards(lowest[best])
    rows: list[Row] = [
        {
            "component": int(lowest[c]),
            "name": cards.get(int(lowest[c]), {}).get("name"),
            "things": int(sizes[c]),
            "edges": int(edges[c]),
            "roots": int(originals[c]),
            "generations": int(depth[c]),
        }
        for c in best.tolist()
    ]
    wanted = columns(
        "rank",
        Column("component", "component (lowest id)"),
        "name",
        "things",
        Column("edges", "edges", "edges"),
        Column("roots", "roots", "things"),
        Column("generations", "depth", "generations"),
    )
    spread = ", ".join(f"{count} of {size}" for size, count in _spread(sizes))
    notes = [f"{len(several)} components of two or more things; sizes: {spread}"] if len(several) else []
    return Table("components", "Weak components", wanted, ranked(rows), covered, notes, bars="things")


def _spread(sizes: object) -> list[tuple[str, int]]:
    values = np.asarray(sizes)
    bins = ((2, 2), (3, 5), (6, 20), (21, 100), (101, 1000), (1001, 10**9))
    found = []
    for low, high in bins:
        count = int(((values >= low) & (values <= high)).sum())
        if count:
            name = str(low) if low == high else f"{low} or more" if high == 10**9 else f"{low}-{high}"
            found.append((name, count))
    return found


def _lineage(data: Dataset, lineage: Lineage, covered: str) -> Table:
    line = lineage.longest() if len(data.graph.source) else []
    cards = data.cards(line)
    inside = {number for cycle in lineage.cycles() for number in cycle}
    rows: list[Row] = [
        {
            "generation": generation,
            "thing_id": thing_id,
            "name": cards.get(thing_id, {}).get("name"),
            "creator": cards.get(thing_id, {}).get("creator"),
            "added": cards.get(thing_id, {}).get("added"),
            "in_cycle": thing_id in inside,
        }
        for generation, thing_id in enumerate(line)
    ]
    wanted = columns(
        Column("generation", "generation"),
        "thing_id",
        "name",
        "creator",
        "added",
        Column("in_cycle", "in a cycle"),
    )
    notes = ["the longest path of the condensation: each cycle counts as one generation"]
    return Table("longest_lineage", "Longest lineage", wanted, rows, covered, notes)


NAMED = 20
"""Things of cycles that are named."""


def _cycles(data: Dataset, cycles: list[list[int]], covered: str) -> Table:
    loops = data.graph.loops.tolist()
    rows: list[Row] = [{"kind": "cycle", "things": len(cycle), "ids": cycle[:100]} for cycle in cycles]
    rows += [{"kind": "self-edge", "things": 1, "ids": [thing_id]} for thing_id in loops]
    shown = rows[: max(data.options.top, 20)]
    wanted = columns(Column("kind", "kind"), "things", Column("ids", "ids"))
    notes = [f"{len(cycles)} cycles and {len(loops)} self-edges in all"]
    named = [thing_id for row in shown for thing_id in row["ids"]][:NAMED]
    cards = data.cards(named)
    names = [f"{number} {cards[number]['name']}" for number in named if cards.get(number, {}).get("name")]
    if names:
        notes.append(f"names: {'; '.join(names)}")
    return Table("cycles", "Cycles and self-edges", wanted, shown, covered, notes)


def _delays(data: Dataset, coverage: Coverage) -> list[Table]:
    graph = data.graph
    added = data.published(graph)
    days = days_between(added[graph.source], added[graph.target])
    dated = days[~np.isnan(days)]
    backwards = np.flatnonzero(days < 0)
    covered = (
        f"both dates known for {len(dated)} of {len(graph.source)} edges ({data.options.heading}); "
        f"{coverage.line}"
    )
    rows = [measure("edges", "edges with both dates", len(dated), "edges")]
    if len(dated):
        names = (
            (0, "shortest"),
            (25, "lower quartile"),
            (50, "median"),
            (75, "upper quartile"),
            (100, "longest"),
        )
        values: Floats = np.percentile(dated, [at for at, _ in names])
        rows += [
            measure(f"p{at}", f"{name} time from parent to child", number(value), "days")
            for (at, name), value in zip(names, values, strict=True)
        ]
    rows.append(measure("negative", "child published before its parent", len(backwards), "edges"))
    order = backwards[np.lexsort((graph.ids[graph.target[backwards]], days[backwards]))][: data.options.top]
    cards = data.cards(graph.ids[np.concatenate([graph.source[order], graph.target[order]])])
    flagged: list[Row] = [
        {
            "parent_id": int(graph.ids[graph.source[edge]]),
            "parent": cards.get(int(graph.ids[graph.source[edge]]), {}).get("name"),
            "parent_added": iso(added[graph.source[edge]]),
            "child_id": int(graph.ids[graph.target[edge]]),
            "child": cards.get(int(graph.ids[graph.target[edge]]), {}).get("name"),
            "child_added": iso(added[graph.target[edge]]),
            "days": number(days[edge]),
        }
        for edge in order.tolist()
    ]
    wanted = columns(
        Column("parent_id", "parent"),
        Column("parent", "its name"),
        Column("parent_added", "published"),
        Column("child_id", "child"),
        Column("child", "its name"),
        Column("child_added", "published"),
        Column("days", "time", "days", 1),
    )
    notes = ["a parent can be named, or published again, after the fact: look before you cite"]
    return [
        Table("delays", "Time from parent to child", MEASURES, rows, covered),
        Table("negative_delays", "Children older than their parents", wanted, flagged, covered, notes),
    ]


def _growth(data: Dataset, coverage: Coverage) -> list[Table]:
    things, graph = data.things, data.graph
    rows_of = things.rows_of(graph.ids)
    inside = distinct(rows_of[rows_of >= 0])
    added = things.added[inside]
    remix_rows = rows_of[graph.parent_counts > 0]
    remix = np.zeros(len(things.ids), np.bool_)
    remix[remix_rows[remix_rows >= 0]] = True
    first, uploads = by_month(added)
    _, remixes = by_month(added, remix[inside].astype(np.float64))
    total, remix_total = np.cumsum(uploads), np.cumsum(remixes)
    rows: list[Row] = [
        {
            "month": month_text(first + n),
            "things": int(uploads[n]),
            "remixes": int(remixes[n]),
            "things_total": int(total[n]),
            "remixes_total": int(remix_total[n]),
        }
        for n in range(len(uploads))
    ]
    dated = int((~np.isnat(added)).sum())
    covered = (
        f"publication date known for {dated} of {len(graph)} things ({data.options.heading}); "
        f"{coverage.nodes_line}"
    )
    complete, whole_remixes = total[:-1], remix_total[:-1]
    speeds = [
        measure("doubling_things", "doubling time of things", doubling_months(complete), "months"),
        measure("doubling_things_12", "the same, last 12 months", doubling_months(complete[-12:]), "months"),
        measure("doubling_remixes", "doubling time of remixes", doubling_months(whole_remixes), "months"),
        measure(
            "doubling_remixes_12", "the same, last 12 months", doubling_months(whole_remixes[-12:]), "months"
        ),
    ]
    wanted = columns(
        "month",
        "things",
        Column("remixes", "remixes", "things"),
        Column("things_total", "things so far", "things"),
        Column("remixes_total", "remixes so far", "things"),
    )
    rule = "ln 2 / slope of ln(running total) by month, least squares, without the last (unfinished) month"
    return [
        Table("doubling", "Doubling time", MEASURES, speeds, covered, [rule]),
        Table(
            "growth",
            "Growth by month",
            wanted,
            rows,
            covered,
            ["by the month in which stored things were published"],
            lines=("things_total", "remixes_total"),
        ),
    ]
