"""Paginate lists: rows, ``Link`` header, and the oddities on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page was asked for.

    Oddities never lose a row, they only cut the pages otherwise: ``short`` leaves
    page 2 half full and goes on from there, ``empty`` leaves page 3 empty, with
    ``drift`` each page begins with the last row of the one before (as if something
    new had come in on top), ``repeat`` answers the last page again for ever.
    """

    page: int
    per_page: int
    oddities: frozenset[str] = frozenset()

    @classmethod
    def read(
        cls, query: Mapping[str, str], *, default: int, cap: int, oddities: frozenset[str] = frozenset()
    ) -> Paging:
        """Read ``page`` and ``per_page``; nonsense counts as not given, too much is cut to the cap."""
        page = max(1, _number(query.get("page"), 1))
        per_page = _number(query.get("per_page"), default)
        return cls(page, min(per_page if per_page >= 1 else default, cap), oddities)

    def _start(self, page: int) -> int:
        start = (page - 1) * self.per_page
        if "short" in self.oddities and page > 2:
            start -= self.per_page - self.per_page // 2
        if "empty" in self.oddities and page > 3:
            start -= self.per_page
        if "drift" in self.oddities and self.per_page > 2:
            start -= page - 1
        return start

    def _size(self, page: int) -> int:
        if "empty" in self.oddities and page == 3:
            return 0
        return self.per_page // 2 if "short" in self.oddities and page == 2 else self.per_page

    def last(self, total: int) -> int:
        """The number of the last page with rows, at least 1."""
        page = max(1, -(-total // self.per_page))
        while self._start(page) + self._size(page) < total:
            page += 1
        return page

    def cut(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows of this page."""
        page, last = self.page, self.last(len(rows))
        if page > last and "repeat" not in self.oddities:
            return rows[:0]
        page = min(page, last)
        start = self._start(page)
        return rows[start : start + self._size(page)]

    def link(self, url: str, total: int) -> str:
        """The ``Link`` header: only ``page`` is kept in the addresses, and first has none."""
        last = self.last(total)
        links = [f'<{url}?page={self.page + 1}>; rel="next"'] if self.page < last else []
        links += [f'<{url}>; rel="first"', f'<{url}?page={last}>; rel="last"']
        return ", ".join(links)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else default
