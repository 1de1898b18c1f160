"""Small databases, written row by row, so that every number in a test can be counted by hand."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import insert

from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import Options
from tvspiders.extras.analytics.measures.report import build
from tvspiders.extras.analytics.render import as_json
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.reading import open_for_reading

LONG_AGO = "2026-10-01T00:00:00.000+00:00"


class Book:
    """Writes facts, and asks for reports on them."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _write(self, table: Any, rows: list[dict[str, Any]]) -> None:
        engine = open_engine(self.url)
        with writing(engine) as connection:
            for row in rows:
                connection.execute(insert(table), row)
        engine.dispose()

    def things(self, *ids: int, **columns: Any) -> Book:
        given = {"last_scraped": LONG_AGO, "first_seen": LONG_AGO, "detail_scraped": LONG_AGO} | columns
        self._write(tables.things, [{"id": number, "name": f"Thing {number}"} | given for number in ids])
        return self

    def edges(self, *pairs: tuple[int, int], both: bool = True, **columns: Any) -> Book:
        given = {"first_seen": LONG_AGO, "last_scraped": LONG_AGO, "seen_from_child": LONG_AGO}
        given |= {"seen_from_parent": LONG_AGO if both else None} | columns
        self._write(tables.remix_edges, [{"parent_id": a, "child_id": b} | given for a, b in pairs])
        return self

    def snapshots(
        self, thing_id: int, *counts: tuple[str, int | None], column: str = "download_count"
    ) -> Book:
        rows = [{"thing_id": thing_id, "recorded_at": _moment(day), column: count} for day, count in counts]
        self._write(tables.download_snapshots, rows)
        return self

    def rows(self, table: Any, *rows: dict[str, Any]) -> Book:
        self._write(table, list(rows))
        return self

    def report(self, *sections: str, **options: Any) -> dict[str, Any]:
        """The report as its JSON says it."""
        with open_for_reading(self.url) as connection:
            chosen = {"sections": sections} if sections else {}
            report = build(connection, Options(**chosen, **options))
        found: dict[str, Any] = json.loads(as_json.render(report))
        return found

    def ask(self, question: Any, **options: Any) -> Any:
        """What a function makes of the dataset."""
        with open_for_reading(self.url) as connection:
            return question(Dataset(connection, Options(**options)))


def _moment(day: str) -> str:
    return day if "T" in day else f"{day}T00:00:00.000+00:00"


def values(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A table of single measures by key."""
    return {row["key"]: row["value"] for row in rows}
