"""Lists are asked under the name that the origin answers to, put in when a request is handed out.

In the ledger a request has the name of the specification: what an origin calls its lists is nothing of the
crawl's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scrapy import Request, Spider
from sqlalchemy import Connection

from tvspiders import meta
from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.lists.names import NAMES, list_in, spelled, subject_lives
from tvspiders.errors import AnotherName, TvspidersError
from tvspiders.items import UNREADABLE, Source
from tvspiders.ledger.answers.encoding import arguments_of
from tvspiders.ledger.ledger import Ledger
from tvspiders.meta import ListName
from tvspiders.policies.api_names import ApiNames, NotFound, missed_topic
from tvspiders.storage.catalogue.answer_fields import note_api_names, read_api_names
from tvspiders.storage.queue.leases import Leased
from tvspiders.storage.units import Unit

logger = logging.getLogger(__name__)

MOST_WAITING = 64
"""Requests that may wait for a name before nothing else is handed out."""
EXTRA_REASON = "dialect"
"""Why a list is asked for under another name (see ``policies.request_budget``)."""


class ListNames:
    """Names the lists of one crawl; requests wait here while a name is being found out."""

    def __init__(self, ledger: Ledger, origin: str, known: Mapping[str, str]) -> None:
        self.ledger = ledger
        self._origin = origin
        self._dialect = ApiNames(NAMES, known, ledger.holds)
        self._waiting: deque[Leased] = deque()
        self._keeping: list[asyncio.Future[None]] = []

    @classmethod
    async def read(cls, ledger: Ledger, origin: str) -> ListNames:
        """With what the database knows of the origin."""
        return cls(ledger, origin, await ledger.run(lambda connection: read_api_names(connection, origin)))

    def next(self, spider: Spider) -> tuple[Leased, ListName | None] | None:
        """The next request that may be asked now, spelled for this origin, with its list's name."""
        for leased in list(self._waiting):
            named = self._named(leased) if self.ledger.holds(leased.id) else None
            if named is None and self.ledger.holds(leased.id) and not self._given_up(leased, spider):
                continue
            self._waiting.remove(leased)
            if named is not None:
                return self._spelled(leased, named)
        while len(self._waiting) < MOST_WAITING and (taken := self.ledger.take()) is not None:
            if list_in(taken.path) is None:
                return taken, None
            named = self._named(taken)
            if named is not None:
                return self._spelled(taken, named)
            if not self._given_up(taken, spider):
                self._waiting.append(taken)
        return None

    def give_back(self) -> None:
        """Nothing is handed out any more: what waits goes back to the queue."""
        while self._waiting:
            leased = self._waiting.popleft()
            self.ledger.acknowledge(Unit(leased.id, "queued", None, leased.attempts))

    def learn(self, request: Request, number: int, answer: Answer) -> None:
        """Learn from an answer, and keep what is new.

        Raises ``AnotherName`` where the list is to be asked for once more.
        """
        named = meta.list_name(request)
        if named is None:
            return
        key, name = named["list"], named["name"]
        if answer.verdict is Verdict.OK and self._dialect.answered(key, name):
            logger.info("%s has the list %s under the name %s", self._origin, key, name)
            self._keeping.append(asyncio.ensure_future(self._keep(key, name)))
        elif subject_lives(answer) and request.cb_kwargs.get("page", 1) == 1:
            stated = request.cb_kwargs.get("stated")
            unknown = key not in self._dialect.known
            if self._dialect.missed(key, name, number, stated) is NotFound.AGAIN:
                if unknown:
                    self._keeping.append(asyncio.ensure_future(self._keep(missed_topic(key), name)))
                raise AnotherName(f"{key} is not called {name} here")

    def ask_again(self, number: int) -> None:
        """Hand a request out once more, at once: the queue might give it to somebody else, or last."""
        self._waiting.appendleft(replace(self.ledger.in_flight[number], extra=EXTRA_REASON))

    async def close(self) -> None:
        """Wait until all that was learned is written down."""
        await asyncio.gather(*self._keeping)

    # -- inside ----------------------------------------------------------------------------------

    def _named(self, leased: Leased) -> ListName | None:
        """List and name of a request; ``None`` when it must wait, or is given up."""
        found = list_in(leased.path)
        if found is None or self._dialect.is_closed(found.key):
            return None
        name = self._dialect.name_for(found.key, leased.id)
        return None if name is None else ListName(list=found.key, name=name)

    def _spelled(self, leased: Leased, named: ListName) -> tuple[Leased, ListName]:
        return replace(leased, path=spelled(leased.path, named["name"])), named

    def _given_up(self, leased: Leased, spider: Spider) -> bool:
        """Settle a request for a list that has neither name in this run, without asking."""
        found = list_in(leased.path)
        if found is None or not self._dialect.is_closed(found.key):
            return False
        unit = Unit(leased.id, "done", UNREADABLE, leased.attempts)
        arguments, _ = arguments_of(leased.kwargs)
        if hasattr(spider, "unreadable_list") and "kind" in arguments:
            item: Any = spider.unreadable_list(**arguments)
            item.stamp(Source(leased.id, self.ledger.clock.now()))
            unit.items.append(item)
        self.ledger.acknowledge(unit)
        return True

    async def _keep(self, key: str, name: str) -> None:
        """Write down what was learned; a database that does not take it learns it again."""

        def job(connection: Connection) -> None:
            note_api_names(connection, self._origin, {key: name}, self.ledger.clock.now())

        try:
            await self.ledger.run(job)
        except TvspidersError:
            logger.debug("The name of %s is not kept", key, exc_info=True)
