"""What rises: gains between two real snapshots, never a lifetime count taken for a gain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tvspiders.extras.analytics.data.columns import Floats, Ints, Times, days_between
from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import METRICS

JUMP_FACTOR, JUMP_LEAST = 3.0, 100.0
"""A counter jumps when it more than triples between two snapshots, and by at least a hundred."""


@dataclass
class Pairs:
    """For each thing with two snapshots in reach: where its interval starts and ends."""

    row: Ints
    """Row of the thing."""
    base: Ints
    """Place of the first snapshot in the columns."""
    last: Ints
    """Place of the second."""


class Trends:
    """Gains of one count within a window that ends with the newest observation."""

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self.options = data.options
        self.column = METRICS[data.options.metric]
        thing, self.moment, self.value = data.history.of(self.column)
        self.rows = data.things.rows_of(thing)
        stored = self.rows >= 0
        self.rows, self.moment, self.value = self.rows[stored], self.moment[stored], self.value[stored]
        days = np.timedelta64(self.options.days, "D")
        seen = data.things.detail_scraped
        newest = [column.max() for column in (self.moment, seen[~np.isnat(seen)]) if len(column)]
        self.end = max(newest) if newest else np.datetime64("1970-01-01", "ms")
        self.start = self.end - days
        self.oldest = self.start - days
        self.too_far = 0
        """Things whose snapshots lie too far apart for this window."""

    @cached_property
    def _first(self) -> Ints:
        """Place of the first snapshot of each thing that has any."""
        starts = np.append(np.ones(min(len(self.rows), 1), np.bool_), np.diff(self.rows) != 0)
        found: Ints = np.flatnonzero(starts)
        return found

    @cached_property
    def _count(self) -> Ints:
        counts: Ints = np.diff(np.append(self._first, len(self.rows)))
        return counts

    def _last_until(self, first: Ints, count: Ints, limit: Times) -> Ints:
        """Place of each thing's last snapshot at or before a limit; one less than the first for none."""
        if not len(first):
            return np.empty(0, np.int64)
        zero = min(self.moment.min(), limit.min())
        offset = (self.moment - zero).astype(np.int64)
        wanted = (limit - zero).astype(np.int64)
        span = int(max(offset.max(), wanted.max())) + 2
        order = np.cumsum(np.append(0, np.diff(self.rows) != 0))
        found = np.searchsorted(order * span + offset, order[first] * span + wanted, side="right") - 1
        places: Ints = np.clip(found, first - 1, first + count - 1)
        return places

    @cached_property
    def pairs(self) -> Pairs:
        """The interval of each thing that has two snapshots in reach of the window."""
        first, count = self._first, self._count
        at_start = self._last_until(first, count, np.full(len(first), self.start))
        last = first + count - 1
        inside = last > at_start
        before = at_start >= first
        near = np.zeros(len(first), np.bool_)
        near[before] = self.moment[at_start[before]] >= self.oldest
        base = np.where(near, at_start, at_start + 1)
        usable = inside & (base < last)
        self.too_far = int((inside & before & ~near & ~usable).sum())
        return Pairs(self.rows[first[usable]], base[usable], last[usable])

    @cached_property
    def gain(self) -> Floats:
        """Gain of each pair."""
        return self.value[self.pairs.last] - self.value[self.pairs.base]

    @cached_property
    def interval(self) -> Floats:
        """Days of each pair."""
        return days_between(self.moment[self.pairs.base], self.moment[self.pairs.last])

    @cached_property
    def per_day(self) -> Floats:
        """Gain per day of each pair; NaN for snapshots of one moment."""
        return _divide(self.gain, self.interval)

    @cached_property
    def acceleration(self) -> Floats:
        """Gain per day now less gain per day in the interval before; NaN without three snapshots."""
        first_of_row = np.full(len(self.data.things.ids), -1, np.int64)
        first_of_row[self.rows[self._first]] = self._first
        first = first_of_row[self.pairs.row]
        base = self.pairs.base
        days = np.timedelta64(self.options.days, "D")
        limit = self.moment[base] - days
        earlier = np.maximum(self._last_until(first, base - first + 1, limit), first)
        rate = _divide(
            self.value[base] - self.value[earlier], days_between(self.moment[earlier], self.moment[base])
        )
        near = (self.moment[earlier] >= limit - days) & (earlier < base)
        return np.where(near, self.per_day - rate, np.nan)

    @cached_property
    def age(self) -> Floats:
        """Age of each pair's thing in days at the end of its interval."""
        return days_between(self.data.things.added[self.pairs.row], self.moment[self.pairs.last])

    @cached_property
    def for_age(self) -> Floats:
        """Gain per day in units of the thing's lifetime average."""
        return _divide(self.per_day, _divide(self.value[self.pairs.last], self.age))

    @cached_property
    def growth(self) -> Floats:
        """Gain in per cent of the count at the start; NaN below the minimum base."""
        base = self.value[self.pairs.base]
        return np.where(base >= max(self.options.min_base, 1), 100.0 * _divide(self.gain, base), np.nan)

    @cached_property
    def gains(self) -> Floats:
        """Gain of every stored thing; NaN without a pair."""
        return self.spread(self.gain)

    def spread(self, values: Floats) -> Floats:
        """A value of each pair as a column over all stored things; NaN without a pair."""
        spread = np.full(len(self.data.things.ids), np.nan)
        spread[self.pairs.row] = values
        return spread

    @cached_property
    def flags(self) -> tuple[Ints, Ints]:
        """Places of the second snapshots where the counter falls, and where it jumps."""
        if len(self.rows) < 2:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        same = (self.rows[1:] == self.rows[:-1]) & (self.moment[1:] > self.start)
        before, after = self.value[:-1], self.value[1:]
        falls = same & (after < before)
        jumps = same & (after > JUMP_FACTOR * before) & (after - before >= JUMP_LEAST)
        jumps &= before >= self.options.min_base
        return np.flatnonzero(falls) + 1, np.flatnonzero(jumps) + 1

    @cached_property
    def new(self) -> Ints:
        """Places of the only snapshot of things first met within the window."""
        alone = self._first[self._count == 1]
        met = self.data.things.first_seen[self.rows[alone]]
        recent = np.isnat(met) | (met > self.start)
        found: Ints = alone[recent & (self.moment[alone] > self.start)]
        return found

    @cached_property
    def coverage(self) -> str:
        """How many things have two snapshots in reach."""
        text = (
            f"{len(self.pairs.row)} of {len(self.data.things.ids)} stored things have two snapshots of "
            f"{self.column} in reach of the window"
        )
        if self.too_far:
            far = 2 * self.options.days
            text += f"; of {self.too_far} the earlier lies over {far} days before its end (try --days)"
        return text


def _divide(over: Floats, under: Floats) -> Floats:
    found: Floats = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
    return found
