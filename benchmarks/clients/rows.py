"""What every client of the contest stores of an answer, and where: the guide's tables and no more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

PER_PAGE = 30
COLUMNS = [
    "id",
    "name",
    "creator",
    "creator_url",
    "added",
    "modified",
    "license",
    "download_count",
    "like_count",
    "make_count",
    "remix_count",
    "collect_count",
    "comment_count",
    "tags",
    "categories",
    "ancestors",
    "is_featured",
    "url",
    "last_scraped",
    "raw_json",
]
TABLES = f"""
CREATE TABLE IF NOT EXISTS things ({", ".join(COLUMNS)}, PRIMARY KEY (id));
CREATE TABLE IF NOT EXISTS remix_edges (parent_id, child_id, PRIMARY KEY (parent_id, child_id));
CREATE TABLE IF NOT EXISTS download_snapshots
    (id INTEGER PRIMARY KEY, thing_id, download_count, like_count, make_count, recorded_at);
"""
UPSERT = f"INSERT OR REPLACE INTO things VALUES ({', '.join('?' * len(COLUMNS))})"
EDGE = "INSERT OR IGNORE INTO remix_edges VALUES (?, ?)"
SNAPSHOT = (
    "INSERT INTO download_snapshots (thing_id, download_count, like_count, make_count, recorded_at) "
    "VALUES (?, ?, ?, ?, ?)"
)


def page_url(base: str, query: str, page: int) -> str:
    """Address of one page of a search."""
    return f"{base}/search/{query}/?type=things&page={page}&per_page={PER_PAGE}"


def row_of(detail: dict[str, Any], raw: str) -> tuple[Any, ...]:
    """The columns of a thing's own page."""
    creator = detail.get("creator") or {}
    return (
        detail["id"],
        detail.get("name"),
        creator.get("name"),
        creator.get("public_url"),
        detail.get("added"),
        detail.get("modified"),
        detail.get("license"),
        *(
            detail.get(f"{name}_count")
            for name in ("download", "like", "make", "remix", "collect", "comment")
        ),
        json.dumps([tag["name"] for tag in detail.get("tags") or []]),
        None,
        json.dumps([parent["id"] for parent in detail.get("ancestors") or []]),
        detail.get("is_featured"),
        detail.get("public_url"),
        datetime.now(UTC).isoformat(timespec="seconds"),
        raw,
    )


def store(connection: sqlite3.Connection, details: Iterable[tuple[dict[str, Any], str]]) -> None:
    """Write things with their edges and snapshots, and commit."""
    rows = [row_of(detail, raw) for detail, raw in details]
    connection.executemany(UPSERT, rows)
    connection.executemany(EDGE, [(parent, row[0]) for row in rows for parent in json.loads(row[15])])
    connection.executemany(SNAPSHOT, [(row[0], *row[7:10], row[18]) for row in rows])
    connection.commit()


def opened(path: str) -> sqlite3.Connection:
    """The database with its tables."""
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    return connection
