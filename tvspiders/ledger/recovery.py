"""Go on in a database that turned out to be another one, or an older state of the same."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tvspiders.errors import DatabaseChanged
from tvspiders.ledger.run import CrawlRun
from tvspiders.ledger.writing.database_thread import DatabaseThread
from tvspiders.storage.database.errors import is_damage

logger = logging.getLogger(__name__)

MOST_OPENINGS = 5
"""Times that a crawl is opened again without a transaction of it in between."""


class Recovery:
    """Opens the crawl again, once for all that met the change."""

    def __init__(
        self,
        database: DatabaseThread,
        run: CrawlRun,
        owner: Callable[[], str | None],
        open_again: Callable[[], Awaitable[None]],
    ) -> None:
        """``owner`` is the worker's name now, ``None`` once it goes on no more."""
        self._database = database
        self._run = run
        self._owner = owner
        self._open_again = open_again
        self._opening = asyncio.Lock()

    @property
    def at_work(self) -> bool:
        """Whether the crawl is being opened again."""
        return self._opening.locked()

    async def settled_owner(self) -> str | None:
        """The worker's name, once the crawl is open."""
        async with self._opening:
            return self._owner()

    async def cause_of(self, error: Exception) -> Exception:
        """The error, or what is behind it.

        A file that another one is just being copied over looks damaged, and is not when that is done.
        """
        if not is_damage(error):
            return error
        try:
            await self._run.look_again()
            await self._database.run(lambda connection: None)
        except Exception as found:
            return found
        return error

    async def open_again(self, error: DatabaseChanged, owner: str | None, resets: Callable[[], int]) -> None:
        """Open the crawl in the database that there is now; raises what makes that impossible.

        ``owner`` is who met the error: of several jobs that did, only the first has anything to do.
        ``resets`` says how often that was done since the last transaction.
        """
        async with self._opening:
            while owner is not None and owner == self._owner():
                if resets() >= MOST_OPENINGS:
                    raise error
                logger.warning("The crawl is opened again: %s", self._database.line_for(error))
                try:
                    await self._open_again()
                except DatabaseChanged as again:
                    error, owner = again, self._owner()
