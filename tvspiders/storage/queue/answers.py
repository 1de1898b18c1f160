"""Answers, kept packed beside the requests that they belong to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from tvspiders.storage import tables
from tvspiders.storage.answer_codec import CODEC, pack
from tvspiders.storage.units import Unit


def keep_answers(
    connection: Connection, crawl_id: int, feed_id: int | None, units: Sequence[Unit]
) -> dict[int, int]:
    """Store the answers that units bring; returns their numbers by number of request."""
    kept = [(unit.request_id, unit.answer) for unit in units if unit.answer is not None]
    if not kept:
        return {}
    rows: list[dict[str, Any]] = []
    for request_id, answer in kept:
        codec, body = pack(answer.body) if answer.body is not None else (CODEC, None)
        rows.append(
            {
                "request_id": request_id,
                "crawl_id": crawl_id,
                "feed_id": feed_id,
                "received_at": answer.received_at,
                "status": answer.status,
                "headers": json.dumps(answer.headers) if answer.headers else None,
                "codec": codec,
                "body": body,
                "refused": answer.refused,
                "scrubbed": answer.scrubbed,
            }
        )
    statement = insert(tables.answers).returning(tables.answers.c.id, sort_by_parameter_order=True)
    ids = connection.execute(statement, rows).scalars().all()
    return {request_id: number for (request_id, _), number in zip(kept, ids, strict=True)}
