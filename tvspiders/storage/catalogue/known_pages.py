"""What is stored from the own pages of things and users, and the pages that were refused as older."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, func, select

from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.tables import answers, requests
from tvspiders.storage.units import OLDER, Answer

SINCE = {"things": "detail_scraped", "creators": "profile_scraped"}
"""Column with the time of the last page."""
COMPARED = {
    "things": (
        *("name", "modified", "download_count", "view_count"),
        *("like_count", "make_count", "collect_count", "comment_count", "remix_count"),
    ),
    "creators": ("last_active",),
}
"""Columns that are compared."""


def known_pages(connection: Connection, table: Table, ids: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """Those of the things (or users) whose page is stored, by number."""
    if not ids:
        return {}
    found = connection.execute(_known(table), {"ids": list(ids)}).mappings()
    return {row["id"]: dict(row) for row in found}


@cache
def _known(table: Table) -> Select[*tuple[Any, ...]]:
    since = table.c[SINCE[table.name]]
    columns = (table.c[name] for name in COMPARED[table.name])
    query = select(table.c.id, since.label("since"), *columns)
    return query.where(table.c.id.in_(bindparam("ids", expanding=True)), since.is_not(None))


def answers_refused_as_older(connection: Connection, request_id: int) -> list[Answer]:
    """Answers to a request that were refused as older than what is stored."""
    answer = answers.c
    query = select(answer.status, answer.received_at, answer.headers, answer.codec, answer.body).where(
        answer.request_id == request_id, answer.refused == OLDER, answer.body.is_not(None)
    )
    found = connection.execute(query.order_by(answer.id)).all()
    return [
        Answer(row.status, row.received_at, unpack(row.codec, row.body), json.loads(row.headers or "{}"))
        for row in found
    ]


def others_refused(connection: Connection, crawl_id: int, request_id: int) -> bool:
    """Whether other pages of the round were older than what is stored as well."""
    request = requests.c
    query = select(func.count()).where(
        request.crawl_id == crawl_id, request.extra == OLDER, request.id != request_id
    )
    return bool(connection.execute(query).scalar_one())
