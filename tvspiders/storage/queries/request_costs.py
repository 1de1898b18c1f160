"""What the answers of one crawl brought, counted from the tables: for ``scrapy audit``."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, cast, func, select

from tvspiders.storage.tables import answers, crawl_items, download_snapshots, things


@dataclass(frozen=True)
class Yield:
    """Answers of all runs of a round, and what is stored of them."""

    answers: int
    """Answers that reached the ledger; refusals for quota and errors of the server did not."""
    refused: int
    """Answers that were not understood."""
    repeated: int
    """Good answers beyond the first to the same request."""
    things: int
    """Things met, new or not."""
    new_things: int
    """Things that were in no answer before this round began."""
    snapshots: int
    """Snapshots of counts."""

    @property
    def wasted(self) -> int:
        """Answers that brought nothing."""
        return self.refused + self.repeated


def yield_of(connection: Connection, crawl_id: int, started_at: str) -> Yield:
    """Count; reads only."""
    good = answers.c.refused.is_(None)
    total, understood, asked = connection.execute(
        select(
            func.count(),
            func.count().filter(good),
            func.count(answers.c.request_id.distinct()).filter(good),
        ).where(answers.c.crawl_id == crawl_id)
    ).one()
    met = select(cast(crawl_items.c.key, BigInteger).label("id")).where(
        crawl_items.c.crawl_id == crawl_id, crawl_items.c.kind == "thing"
    )
    found = met.subquery()
    known, new = connection.execute(
        select(func.count(), func.count().filter(things.c.first_seen >= started_at))
        .select_from(found)
        .join(things, things.c.id == found.c.id)
    ).one()
    snapshots = connection.execute(
        select(func.count()).where(download_snapshots.c.crawl_id == crawl_id)
    ).scalar_one()
    return Yield(
        answers=int(total),
        refused=int(total - understood),
        repeated=int(understood - asked),
        things=int(known),
        new_things=int(new),
        snapshots=int(snapshots),
    )
