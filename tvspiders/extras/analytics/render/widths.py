"""How wide the columns of a terminal table are: fixed here, because rich cuts numbers when it runs short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from rich.cells import cell_len

from tvspiders.extras.analytics.data.tables import Column
from tvspiders.extras.analytics.render.texts import heading, is_quantity

GAP = 2
"""Spaces between two columns."""
NARROW, WIDE = 12, 44
"""Room that a text gets at least, and at most."""


@dataclass(frozen=True)
class Wish:
    """What a column asks for."""

    least: int
    """Below this it would be unreadable, or a number be cut."""
    most: int
    """With this nothing is shortened and its heading stands on one line."""
    text: bool
    """Texts get spare room before headings do."""


def wish(column: Column, cells: Sequence[str]) -> Wish:
    """What a column needs: numbers are never cut, texts may be, headings wrap between words."""
    title = heading(column)
    words, longest = (max(map(cell_len, parts), default=0) for parts in (title.split(), cells))
    if is_quantity(column):
        return Wish(max(words, longest), max(cell_len(title), longest), text=False)
    return Wish(max(words, min(longest, NARROW)), max(words, min(longest, WIDE)), text=True)


def widths(wishes: Sequence[Wish], room: int) -> list[int]:
    """The widths of as many columns as fit, counted from the first.

    >>> widths([Wish(2, 2, False), Wish(5, 20, True), Wish(4, 9, False), Wish(9, 9, False)], 25)
    [2, 15, 4]
    """
    found: list[int] = []
    spare = room + GAP
    for asked in wishes:
        if found and asked.least + GAP > spare:
            break
        found.append(asked.least)
        spare -= asked.least + GAP
    for place in islice(_growing(wishes[: len(found)]), max(spare, 0)):
        found[place] += 1
    return found


def _growing(wishes: Sequence[Wish]) -> Iterator[int]:
    """The columns to widen by one, in turn, until none needs more."""
    for text in (True, False):
        missing = {
            place: asked.most - asked.least for place, asked in enumerate(wishes) if asked.text is text
        }
        for place in cycle(list(missing)):
            if not any(missing.values()):
                break
            if missing[place]:
                missing[place] -= 1
                yield place
