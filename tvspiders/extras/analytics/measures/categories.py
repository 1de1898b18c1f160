"""Categories and tags: sums in which each thing counts once."""

from __future__ import annotations

import numpy as np

from tvspiders.extras.analytics.data.columns import Flags, Ints, distinct
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import METRICS
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
    total,
)
from tvspiders.extras.analytics.measures.coverage import Coverage
from tvspiders.extras.analytics.measures.growth import MonthlyGains, month_numbers, month_text, monthly_gains
from tvspiders.storage.queries.labels import category_names

Group = tuple[str, str, Ints]
"""Label, name and the rows of its things."""

MONTHS = 12
"""Months shown for each label."""

RULE = "a thing counts once in each of its {plural} and once in the total, so rows may add up to more than it"


def category_rows(data: Dataset) -> list[Group]:
    """Each category with the things filed under it or under a category below it, each once."""
    stated = category_names(data.connection)
    own = dict(zip(data.filed.labels, data.filed.rows, strict=True))
    gathered: dict[str, list[Ints]] = {}
    for slug, rows in own.items():
        above: str | None = slug
        met: set[str] = set()
        while above is not None and above not in met:
            met.add(above)
            gathered.setdefault(above, []).append(rows)
            above = stated[above][1] if above in stated else None
    return [
        (slug, (stated[slug][0] if slug in stated else None) or slug, distinct(np.concatenate(parts)))
        for slug, parts in sorted(gathered.items())
    ]


def tag_rows(data: Dataset) -> list[Group]:
    """Each tag with its things."""
    return [(tag, tag, rows) for tag, rows in zip(data.tags.labels, data.tags.rows, strict=True)]


def is_remix(data: Dataset) -> Flags:
    """Whether each stored thing is a remix: an edge names its parent, or the site calls it one."""
    graph = data.all_edges
    found = data.things.derivative.copy()
    rows = data.things.rows_of(graph.ids[distinct(graph.target)])
    found[rows[rows >= 0]] = True
    return found


def categories_section(data: Dataset, coverage: Coverage) -> Section:
    """Sums by category."""
    return Section("categories", "Categories", _tables(data, coverage, "category", category_rows(data)))


def tags_section(data: Dataset, coverage: Coverage) -> Section:
    """Sums by tag."""
    return Section("tags", "Tags", _tables(data, coverage, "tag", tag_rows(data)))


def _tables(data: Dataset, coverage: Coverage, key: str, groups: list[Group]) -> list[Table]:
    plural = "categories" if key == "category" else "tags"
    remix = is_remix(data)
    every = distinct(np.concatenate([rows for _, _, rows in groups])) if groups else np.empty(0, np.int64)
    with_label = (
        f"{len(every)} of {len(data.things.ids)} stored things have a {key}, "
        f"{coverage.known('download_count')}; {coverage.nodes_line}"
    )
    stated = {
        slug: count for slug, (_, _, count) in category_names(data.connection, data.options.as_of).items()
    }
    rows: list[Row] = []
    for label, name, members in groups:
        row: Row = {key: label, "name": name} | _sums(data, members, remix)
        if key == "category":
            row["stated"] = stated.get(label)
        rows.append(row)
    rows.sort(key=lambda row: (-row["things"], row[key]))
    best = rows[: data.options.top]
    notes = [RULE.format(plural=plural)]
    if key == "category":
        notes.append("a category holds what is filed under it or under a category below it")
    else:
        notes.append(f"{len(rows)} tags in all")
    sums = (
        "things",
        "downloads",
        "likes",
        "makes",
        Column("mean_downloads", "mean", "downloads", 1),
        Column("median_downloads", "median", "downloads", 1),
        Column("remixes", "remixes", "things"),
        Column("remix_share", "remix share", "%", 1),
        Column("makes_per_1000", "makes per 1,000", "downloads", 2),
    )
    named = Column(key, key)
    if key == "category":
        shown = columns("rank", named, "name", *sums, Column("stated", "stated by the site", "things"))
    else:
        shown = columns("rank", named, *sums)
        best = [{k: v for k, v in row.items() if k != "name"} for row in best]
    whole = _sums(data, every, remix)
    totals = [
        measure("things", f"things with a {key}, each once", whole["things"], "things"),
        measure("downloads", "their downloads", whole["downloads"], "downloads"),
        measure("mean_downloads", "mean downloads of one", whole["mean_downloads"], "downloads"),
        measure("median_downloads", "median downloads", whole["median_downloads"], "downloads"),
        measure("likes", "their likes", whole["likes"], "likes"),
        measure("makes", "their makes", whole["makes"], "makes"),
        measure("remixes", "remixes among them", whole["remixes"], "things"),
        measure("remix_share", "share of remixes", whole["remix_share"], "%"),
        measure("makes_per_1000", "makes per 1,000 downloads", whole["makes_per_1000"], "makes"),
    ]
    return [
        Table("totals", "Total, each thing once", MEASURES, totals, with_label, notes[:1]),
        Table("sums", f"Sums by {key}", shown, ranked(best), with_label, notes, bars="things"),
        _months(data, key, [group for group in groups if group[0] in {row[key] for row in best}], with_label),
    ]


def _sums(data: Dataset, members: Ints, remix: Flags) -> Row:
    counts = data.things.counts
    made, loaded = counts["make_count"][members], counts["download_count"][members]
    both = ~np.isnan(made) & ~np.isnan(loaded)
    downloads = loaded[both].sum()
    stated = loaded[~np.isnan(loaded)]
    remixes = int(remix[members].sum())
    return {
        "things": len(members),
        "downloads": total(loaded),
        "mean_downloads": number(stated.mean()) if len(stated) else None,
        "median_downloads": number(np.median(stated)) if len(stated) else None,
        "likes": total(counts["like_count"][members]),
        "makes": total(made),
        "remixes": remixes,
        "remix_share": share(remixes, len(members)),
        "makes_per_1000": number(1000 * made[both].sum() / downloads) if downloads else None,
    }


def gains_by_month(data: Dataset) -> MonthlyGains:
    """Monthly gains of the stored things in the count that trends are about."""
    thing, moment, value = data.history.of(METRICS[data.options.metric])
    rows = data.things.rows_of(thing)
    stored = rows >= 0
    return monthly_gains(rows[stored], moment[stored], value[stored])


def _months(data: Dataset, key: str, groups: list[Group], coverage: str) -> Table:
    gains = gains_by_month(data)
    added = data.things.added
    uploaded = np.where(np.isnat(added), -1, month_numbers(added))
    newest = max([int(column.max()) for column in (uploaded, gains.month) if len(column)], default=0)
    first = max(newest - MONTHS + 1, 0)
    rows: list[Row] = []
    for label, _, members in groups:
        inside = np.zeros(len(added), np.bool_)
        inside[members] = True
        ours = inside[gains.row] & (gains.month >= first)
        gained = np.bincount(gains.month[ours] - first, weights=gains.gain[ours], minlength=MONTHS)
        measured = np.bincount(gains.month[ours] - first, minlength=MONTHS)
        recent = uploaded[members]
        uploads = np.bincount(recent[recent >= first] - first, minlength=MONTHS)
        for month in range(MONTHS):
            if uploads[month] or measured[month]:
                rows.append(
                    {
                        key: label,
                        "month": month_text(first + month),
                        "uploads": int(uploads[month]),
                        "gain": number(gained[month]) if measured[month] else None,
                        "measured": int(measured[month]),
                    }
                )
    wanted = columns(
        Column(key, key),
        "month",
        Column("uploads", "uploads", "things"),
        Column("gain", "gain", data.options.metric),
        Column("measured", "intervals", "intervals"),
    )
    notes = [
        f"the last {MONTHS} months; a gain belongs to the month of the later of two snapshots, "
        "at most 31 days apart",
        f"{gains.left_out} gains over longer intervals are left out",
    ]
    return Table("by_month", f"By {key} and month", wanted, rows, coverage, notes)
