"""Stored things, requested again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from scrapy import Request

from tvspiders.params import RefreshParams
from tvspiders.spiders.base.detail_spider import DETAIL_PRIORITY, DetailSpider

PRIORITIES = {"watched": DETAIL_PRIORITY - 1, "moved": DETAIL_PRIORITY - 2, "gain": DETAIL_PRIORITY - 3}
"""Why a thing is requested -> its priority; the lists of a thing go before the next thing."""


class RefreshSpider(DetailSpider):
    """The stored things most worth requesting again; the ledger chooses them when a round begins.

    Example: ``scrapy crawl refresh -a max_requests=300``
    """

    name = "refresh"
    argument_model = RefreshParams
    args: RefreshParams

    async def start(self) -> AsyncIterator[Request]:
        """Request nothing more than what was chosen."""
        return
        yield

    @property
    def watched(self) -> Sequence[int]:
        """Things that go first."""
        return self.args.watch

    @property
    def older_than(self) -> float | None:
        """Seconds since the last answer from which on a thing may be requested."""
        return self.args.older_than_seconds

    @property
    def budget(self) -> int | None:
        """Things at most: each costs a request."""
        return self.args.max_requests

    def ask_again(self, thing_id: int, why: str) -> Request:
        """A thing's own page."""
        return self.ask_thing(thing_id, priority=PRIORITIES[why])
