"""Lists and searches cut into pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tvspiders.sandbox.api.answers import Answer, error, ok
from tvspiders.sandbox.api.odd_pages import OddPages, name_of
from tvspiders.sandbox.api.paging import Paging
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.catalogue.search import WINDOW
from tvspiders.sandbox.config import SandboxConfig

Row = TypeVar("Row")


class Listing:
    """Cuts rows into the page that was asked for."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self.odd = OddPages(config)

    def plain(
        self, ask: Ask, rows: Sequence[Row], shape: Callable[[Row], Any], *, total: int | None = None
    ) -> Answer:
        """A bare list with ``Link`` and ``total-count``: every list that is no search.

        ``total`` is what it states when that is not the number of rows.
        """
        config = self._config
        paging = Paging.read(ask.query, default=30, cap=config.page_cap, oddities=config.oddities)
        paging, rows, left_out = self._serve(ask, paging, rows)
        stated = self._moving(ask, len(rows) if total is None else total)
        headers = {"Link": paging.link(ask.base + ask.path, len(rows)), "total-count": str(stated)}
        cut = _without_last(paging.cut(rows), left_out)
        return ok([shape(row) for row in cut], headers=headers if config.hints else {})

    def hits(self, ask: Ask, rows: Sequence[Row], shape: Callable[[Row], Any]) -> Answer:
        """``{"total", "hits"}``: the envelope of searches. 12 rows unless asked for more."""
        config = self._config
        paging = Paging.read(ask.query, default=12, cap=config.search_page_cap, oddities=config.oddities)
        if config.window_status != 200 and (paging.page - 1) * paging.per_page >= WINDOW:
            return error(config.window_status, "Result window is too large")
        paging, rows, left_out = self._serve(ask, paging, rows)
        found: list[Any] | None = [shape(row) for row in _without_last(paging.cut(rows), left_out)]
        if config.plain_list or not config.hints:
            return ok(found)
        if config.null_hits and not found:
            found = None
        return ok({"total": self._moving(ask, len(rows)), "hits": found})

    def _serve(self, ask: Ask, paging: Paging, rows: Sequence[Row]) -> tuple[Paging, Sequence[Row], int]:
        return self.odd.serve(name_of(ask), paging, rows) if self.odd.active else (paging, rows, 0)

    def _moving(self, ask: Ask, total: int) -> int:
        if "moving" not in self._config.oddities or total == 0:
            return total
        return max(1, min(total + ask.ordinal % 3 - 1, 10_000))


def _without_last(rows: Sequence[Row], number: int) -> Sequence[Row]:
    return rows[: max(0, len(rows) - number)] if number else rows
