"""What a sink of the ledger is."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Connection

from tvspiders.storage.units import Committed


class Sink(Protocol):
    """Something that follows what is on disk, such as a feed."""

    def write(self, committed: Committed) -> None:
        """Take the fresh items of one unit, in the order of commits."""

    def take(self, output: Any) -> None:
        """Take an item of a user's own that came with no answer, as from ``start()``."""

    def record(self, connection: Connection) -> None:
        """Note in the database how far the sink is; part of the next transaction."""

    async def finish(self) -> None:
        """Bring the sink to its end, before the crawl's end is written down."""
