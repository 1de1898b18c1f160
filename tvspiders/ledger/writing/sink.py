"""What a sink of the ledger is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from tvspiders.storage.units import Committed

T = TypeVar("T")


class Run(Protocol):
    """Runs a job in a transaction."""

    def __call__(self, job: Callable[[Connection], T], /) -> Awaitable[T]:
        """Run it."""


class Sink(Protocol):
    """Something that follows what is on disk, such as a feed."""

    def write(self, committed: Committed) -> None:
        """Take the fresh items of one unit, in the order of commits."""

    def take(self, output: Any) -> None:
        """Take an item of a user's own that came with no answer, as from ``start()``."""

    def record(self, connection: Connection) -> None:
        """Note in the database how far the sink is; part of the next transaction."""

    async def begin_again(self, run: Run) -> None:
        """Go back to the place that another database knows; ``run`` runs a job in a transaction there."""

    async def finish(self) -> None:
        """Bring the sink to its end, before the crawl's end is written down."""
