"""Inconsistent lists on demand: odd pages, and rows that appear, vanish or move while they are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from tvspiders.sandbox.api.paging import Paging
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.config import SandboxConfig

Row = TypeVar("Row")
_ODD = re.compile(r"([0-9]+)=(empty|short|repeated|as-([0-9]+))(@once)?")
_MOVES = re.compile(r"(arrive|vanish|rise|sink)/([0-9]+)")


class OddPages:
    """What is odd about lists; counts the pages of each that it has answered.

    >>> odd = OddPages(SandboxConfig(odd_pages=frozenset({"2=empty"}), row_moves="vanish/2"))
    >>> odd.now("/newest", [9, 8, 7]), odd.lasting("/newest", [9, 8, 7])
    ([9, 8, 7], [9, 8, 7])
    """

    def __init__(self, config: SandboxConfig) -> None:
        self._odd: dict[int, tuple[str, bool]] = {}
        for text in config.odd_pages:
            found = _ODD.fullmatch(text)
            if found:
                self._odd[int(found[1])] = (found[2], bool(found[4]))
        moves = _MOVES.fullmatch(config.row_moves)
        self._move, self._every = (moves[1], int(moves[2])) if moves else ("", 0)
        self._hidden = config.hidden_places
        self.answered: Counter[str] = Counter()
        """Pages answered so far, by list."""
        self._served: set[tuple[str, int]] = set()

    @property
    def active(self) -> bool:
        """Whether anything is odd at all."""
        return bool(self._odd or self._move or self._hidden)

    def reset(self) -> None:
        """All lists as at the start."""
        self.answered.clear()
        self._served.clear()

    def now(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """The rows of a list as they stand by now."""
        moved = min(self.answered[name] // self._every if self._every else 0, len(rows) // 4)
        found = list(rows)
        if self._move == "arrive":
            # a quarter is held back; one by one they come in on top
            return found[len(rows) // 4 - moved :]
        if self._move == "vanish":
            return found[moved:]
        if self._move == "sink":
            return found[moved:] + found[:moved]
        if self._move == "rise":
            return found[len(found) - moved :] + found[: len(found) - moved]
        return found

    def lasting(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Those of the rows that were there from the first page that was answered to this moment."""
        if self._move == "arrive":
            return list(rows)[len(rows) // 4 :]
        return self.now(name, rows) if self._move == "vanish" else list(rows)

    def serve(self, name: str, paging: Paging, rows: Sequence[Row]) -> tuple[Paging, Sequence[Row], int]:
        """The page really served, the list as it is now, and how many rows are left out at the page's end."""
        rows = self.now(name, rows)
        self.answered[name] += 1
        kind, once = self._odd.get(paging.page, ("", False))
        if once and (name, paging.page) in self._served:
            kind = ""
        self._served.add((name, paging.page))
        if kind == "repeated":
            paging = replace(paging, page=max(1, paging.page - 1))
        elif kind.startswith("as-"):
            paging = replace(paging, page=int(kind[3:]))
        left_out = {"empty": paging.per_page, "short": paging.per_page - paging.per_page // 3}.get(kind, 0)
        if paging.page % 2 == 0:
            left_out = max(left_out, self._hidden)
        return paging, rows, left_out


def name_of(ask: Ask) -> str:
    """Identity of a list: its path and filters."""
    given = sorted(f"{key}={value}" for key, value in ask.query.items() if key not in ("page", "per_page"))
    return "?".join(part for part in (ask.path, "&".join(given)) if part)
