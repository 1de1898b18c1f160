"""What is known of how an API origin speaks: the names of its lists, and what ``scrapy probe`` found."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from tvspiders.storage.database.upserts import upsert
from tvspiders.storage.tables import dialects


def read_dialect(connection: Connection, origin: str) -> dict[str, str]:
    """Topic -> what the origin answered last; ``thing/copies`` -> ``makes``."""
    found = connection.execute(select(dialects.c.topic, dialects.c.value).where(dialects.c.origin == origin))
    return {str(topic): str(value) for topic, value in found.all()}


def note_dialect(connection: Connection, origin: str, known: Mapping[str, str], at: str) -> None:
    """Keep what was learned of an origin; the newest answer wins."""
    upsert(
        connection,
        dialects,
        [
            {"origin": origin, "topic": topic, "value": value, "last_scraped": at}
            for topic, value in known.items()
        ],
    )
