"""From rows to numpy columns, a batch at a time, so that a million rows stay small."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, pairwise
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Times = NDArray[np.datetime64]

DAY = 86_400_000.0
"""Milliseconds in a day."""
NOWHEN = np.datetime64("NaT", "ms")
"""A time that is not known."""

Label = TypeVar("Label", bound=Hashable)


def whole(parts: Iterable[Sequence[Sequence[int]]], width: int) -> Ints:
    """Rows of whole numbers as a table of ``width`` columns."""
    pieces = [np.fromiter(chain.from_iterable(part), np.int64) for part in parts]
    flat = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
    return flat.reshape(-1, width)


def numbers(values: Sequence[Any]) -> Floats:
    """Counts as floats, NaN for what is not known."""
    return np.array(values, dtype=np.float64)


def times(values: Sequence[str | None]) -> Times:
    """ISO 8601 texts as UTC moments, NaT for none and for what is not a date.

    >>> times(["2026-11-21T06:12:00+00:00", None, "2026-11-21T08:12:00+02:00", "soon"]).astype(str).tolist()
    ['2026-11-21T06:12:00.000', 'NaT', '2026-11-21T06:12:00.000', 'NaT']
    """
    texts = ["NaT" if value is None else value.removesuffix("+00:00") for value in values]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return np.array(texts, dtype="datetime64[ms]")
    except (ValueError, UserWarning, DeprecationWarning):
        return np.array([_moment(value) for value in values], dtype="datetime64[ms]")


def _moment(text: str | None) -> np.datetime64:
    try:
        found = datetime.fromisoformat(text or "")
        if found.tzinfo is not None:
            found = found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return NOWHEN
    return np.datetime64(found, "ms")


def days_between(start: Times, end: Times) -> Floats:
    """Days from one moment to another, NaN where one is not known."""
    apart = (end - start).astype("timedelta64[ms]")
    found = apart.astype(np.float64) / DAY
    found[np.isnat(apart)] = np.nan
    return found


def iso(moment: np.datetime64) -> str | None:
    """A moment as ISO 8601 text in UTC."""
    return None if np.isnat(moment) else f"{np.datetime_as_string(moment, unit='s')}+00:00"


class Codes(Generic[Label]):
    """Small numbers for repeated labels.

    >>> codes = Codes[str]()
    >>> [codes.of("a"), codes.of("b"), codes.of("a"), codes.of(None)], codes.labels
    ([0, 1, 0, -1], ['a', 'b'])
    """

    def __init__(self) -> None:
        self._codes: dict[Label, int] = {}

    def of(self, label: Label | None) -> int:
        """The label's number; -1 for none."""
        if label is None:
            return -1
        return self._codes.setdefault(label, len(self._codes))

    def find(self, label: Label) -> int:
        """The number of a label, -1 when it was never met."""
        return self._codes.get(label, -1)

    @property
    def labels(self) -> list[Label]:
        """The labels by number."""
        return list(self._codes)


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The values, sorted, each once; on millions several times faster than numpy's hash table.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(values)
    first = np.append(np.ones(min(len(ordered), 1), np.bool_), ordered[1:] != ordered[:-1])
    found: NDArray[Any] = ordered[first]
    return found


def runs(keys: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of equal values in a sorted column."""
    if len(keys):
        cuts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        bounds = [0, *cuts.tolist(), len(keys)]
        yield from pairwise(bounds)
