"""Tables of trends: what rises, what is new, what speeds up, and which counters look wrong."""

from __future__ import annotations

import numpy as np

from tvspiders.extras.analytics.data.columns import Floats, Ints, iso
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.tables import Column, Row, Section, Table, columns, number, ranked
from tvspiders.extras.analytics.measures.categories import category_rows, tag_rows
from tvspiders.extras.analytics.measures.coverage import Coverage
from tvspiders.extras.analytics.measures.trends import JUMP_LEAST, Trends


def trends_section(data: Dataset, coverage: Coverage) -> Section:
    """Rankings of gains by each kind asked for, what is new, and what looks wrong."""
    trends = Trends(data)
    tables = []
    if "thing" in data.options.by:
        tables.append(_rising(trends))
    if "creator" in data.options.by:
        tables.append(_rising_creators(trends))
    if "category" in data.options.by:
        tables.append(_rising_labels(trends, "category", category_rows(data)))
    if "tag" in data.options.by:
        tables.append(_rising_labels(trends, "tag", tag_rows(data)))
    tables += [_accelerating(trends), _for_age(trends), _new(trends), _flagged(trends)]
    title = f"Trends of {data.options.metric}, {data.options.days} days to {iso(trends.end)}"
    for table in tables:
        table.coverage = f"{trends.coverage}; {coverage.nodes_line}"
    return Section("trends", title, tables)


RULE = "gain = difference of two real snapshots of the same thing; per day over their real interval"


def _rows(trends: Trends, chosen: Ints) -> list[Row]:
    """Columns about the things of some pairs."""
    things, pairs = trends.data.things, trends.pairs
    cards = trends.data.cards(things.ids[pairs.row[chosen]])
    falls, jumps = (set(trends.rows[places].tolist()) for places in trends.flags)
    rows: list[Row] = []
    for place in chosen.tolist():
        row, base, last = int(pairs.row[place]), pairs.base[place], pairs.last[place]
        card = cards.get(int(things.ids[row]), {})
        flag = "falls" if row in falls else "jumps" if row in jumps else None
        rows.append(
            {
                "thing_id": int(things.ids[row]),
                "name": card.get("name"),
                "creator": card.get("creator"),
                "gain": number(trends.gain[place]),
                "per_day": number(trends.per_day[place]),
                "before": number(trends.value[base]),
                "after": number(trends.value[last]),
                "interval_days": number(trends.interval[place]),
                "from": iso(trends.moment[base]),
                "to": iso(trends.moment[last]),
                "growth": number(trends.growth[place]),
                "acceleration": number(trends.acceleration[place]),
                "age_days": number(trends.age[place]),
                "gain_for_age": number(trends.for_age[place]),
                "flag": flag,
            }
        )
    return rows


def _thing_columns(unit: str, key: str = "gain") -> tuple[Column, ...]:
    return columns(
        "rank",
        "thing_id",
        "name",
        "creator",
        Column("gain", "gain", unit),
        "per_day",
        Column("before", "before", unit),
        Column("after", "after", unit),
        Column("interval_days", "interval", "days", 1),
        Column("from", "from", minor=True),
        Column("to", "to", minor=True),
        Column("growth", "growth", "%", 1),
        Column("acceleration", "acceleration", "/day", 1, minor=key != "acceleration"),
        Column("age_days", "age", "days", minor=key == "gain"),
        Column("gain_for_age", "gain for age", "x lifetime", 1, minor=key == "acceleration"),
        Column("flag", "flag"),
    )


def _best(trends: Trends, values: Floats, eligible: Ints) -> Ints:
    """The highest first, equal ones by number of the thing."""
    eligible = eligible[values[eligible] > 0]
    ids = trends.pairs.row[eligible]
    return eligible[np.lexsort((ids, -values[eligible]))][: trends.options.top]


def _rising(trends: Trends) -> Table:
    best = _best(trends, trends.gain, np.arange(len(trends.gain)))
    metric = trends.options.metric
    notes = [
        RULE,
        f"gain for age = gain per day / lifetime {metric} per day; acceleration needs three snapshots",
    ]
    short = int((trends.interval[best] < 1).sum())
    if short:
        notes.append(f"{short} rows rest on less than a day: their gain per day is an extrapolation")
    return Table(
        "rising",
        "Rising things",
        _thing_columns(trends.options.metric),
        ranked(_rows(trends, best)),
        "",
        notes,
        bars="gain",
    )


def _by_ratio(trends: Trends, key: str, title: str, values: Floats, note: str) -> Table:
    based = trends.value[trends.pairs.base] >= trends.options.min_base
    based &= trends.interval >= 1
    best = _best(trends, values, np.flatnonzero(based & ~np.isnan(values) & (trends.gain > 0)))
    shown = (
        "rank",
        "thing_id",
        "name",
        "creator",
        key,
        "per_day",
        "before",
        "after",
        "interval_days",
        "age_days",
    )
    wanted = [
        column
        for name in shown
        for column in _thing_columns(trends.options.metric, key)
        if column.key == name
    ]
    rows = [{k: row[k] for k in shown if k != "rank"} for row in _rows(trends, best)]
    least = (
        f"only things with at least {trends.options.min_base} {trends.options.metric} before (--min-base), "
        "over a day or more"
    )
    return Table("by_" + key, title, tuple(wanted), ranked(rows), "", [note, least])


def _accelerating(trends: Trends) -> Table:
    return _by_ratio(
        trends,
        "acceleration",
        "Accelerating things",
        trends.acceleration,
        "gain per day in the window less gain per day in the interval before it",
    )


def _for_age(trends: Trends) -> Table:
    return _by_ratio(
        trends,
        "gain_for_age",
        "Gain for age",
        trends.for_age,
        f"gain per day / ({trends.options.metric} / age in days): 1 is the thing's own lifetime average",
    )


def _rising_creators(trends: Trends) -> Table:
    things, pairs = trends.data.things, trends.pairs
    known = things.creator[pairs.row] >= 0
    code = things.creator[pairs.row][known]
    count = len(things.creator_names)
    gain = np.bincount(code, weights=trends.gain[known], minlength=count)
    rate = np.bincount(code, weights=np.nan_to_num(trends.per_day[known]), minlength=count)
    measured = np.bincount(code, minlength=count)
    stored = np.bincount(things.creator[things.creator >= 0], minlength=count)
    order = sorted(np.flatnonzero(gain > 0).tolist(), key=lambda c: (-gain[c], things.creator_names[c]))
    rows = [
        {
            "creator": things.creator_names[code],
            "gain": number(gain[code]),
            "per_day": number(rate[code]),
            "measured": int(measured[code]),
            "things": int(stored[code]),
        }
        for code in order[: trends.options.top]
    ]
    wanted = columns(
        "rank", "creator", Column("gain", "gain", trends.options.metric), "per_day", "measured", "things"
    )
    return Table("rising_creators", "Rising creators", wanted, ranked(rows), "", [RULE], bars="gain")


def _rising_labels(trends: Trends, key: str, groups: list[tuple[str, str, Ints]]) -> Table:
    rate = trends.spread(trends.per_day)
    rows: list[Row] = []
    for label, name, members in groups:
        gains = trends.gains[members]
        measured = ~np.isnan(gains)
        if measured.any() and (gain := gains[measured].sum()) > 0:
            rows.append(
                {
                    key: label,
                    "name": name,
                    "gain": number(gain),
                    "per_day": number(np.nansum(rate[members])),
                    "measured": int(measured.sum()),
                    "things": len(members),
                }
            )
    rows.sort(key=lambda row: (-row["gain"], row[key]))
    plural = "categories" if key == "category" else "tags"
    wanted = columns(
        "rank",
        Column(key, key),
        "name",
        Column("gain", "gain", trends.options.metric),
        "per_day",
        "measured",
        "things",
    )
    notes = [RULE, f"a thing counts once in each of its {plural}; rows overlap, so they do not add up"]
    return Table(
        f"rising_{plural}",
        f"Rising {plural}",
        wanted,
        ranked(rows[: trends.options.top]),
        "",
        notes,
        bars="gain",
    )


def _new(trends: Trends) -> Table:
    things, places = trends.data.things, trends.new
    value, ids = trends.value[places], things.ids[trends.rows[places]]
    best = places[np.lexsort((ids, -value))][: trends.options.top]
    cards = trends.data.cards(things.ids[trends.rows[best]])
    rows: list[Row] = []
    for place in best.tolist():
        thing_id = int(things.ids[trends.rows[place]])
        card = cards.get(thing_id, {})
        rows.append(
            {
                "thing_id": thing_id,
                "name": card.get("name"),
                "creator": card.get("creator"),
                "added": card.get("added"),
                "seen": iso(trends.moment[place]),
                "count": number(trends.value[place]),
            }
        )
    wanted = columns(
        "rank",
        "thing_id",
        "name",
        "creator",
        "added",
        Column("seen", "first snapshot"),
        Column("count", "lifetime", trends.options.metric),
    )
    note = f"{len(places)} things were met for the first time and have one snapshot: a gain is not known yet"
    return Table("new_to_us", "New to us (not rising)", wanted, ranked(rows), "", [note])


def _flagged(trends: Trends) -> Table:
    things = trends.data.things
    rows: list[Row] = []
    for places, flag in zip(trends.flags, ("falls", "jumps"), strict=True):
        for place in places.tolist():
            rows.append(
                {
                    "thing_id": int(things.ids[trends.rows[place]]),
                    "flag": flag,
                    "before": number(trends.value[place - 1]),
                    "after": number(trends.value[place]),
                    "change": number(trends.value[place] - trends.value[place - 1]),
                    "from": iso(trends.moment[place - 1]),
                    "to": iso(trends.moment[place]),
                }
            )
    rows.sort(key=lambda row: (-abs(row["change"]), row["thing_id"]))
    unit = trends.options.metric
    wanted = columns(
        "thing_id",
        Column("flag", "flag"),
        Column("before", "before", unit),
        Column("after", "after", unit),
        Column("change", "change", unit),
        Column("from", "from"),
        Column("to", "to"),
    )
    notes = [
        f"falls: the counter went down; jumps: it more than tripled, by {JUMP_LEAST:g} or more, "
        f"from {trends.options.min_base} or more",
        f"{len(rows)} flagged in the window",
    ]
    return Table("flagged", "Counters that need a look", wanted, rows[: trends.options.top], "", notes)
