"""A crawl in memory: a spider's own callbacks over the sandbox's pure answers, without any network.

Requests go through the ledger's encoding and follow its rules: one request for each path, first
by priority and then by age, and one that comes nearer is asked anew.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from scrapy import Request, Spider
from scrapy.http import TextResponse
from scrapy.utils.misc import load_object
from scrapy.utils.test import get_crawler

from tvspiders.api import answers
from tvspiders.api.answers import Verdict
from tvspiders.api.lists.names import NAMES, list_in, spelled, subject_lives
from tvspiders.errors import AnswerRefused
from tvspiders.extras import EXTRAS
from tvspiders.items import Item
from tvspiders.ledger.answers.encoding import decode, encode
from tvspiders.ledger.scheduler import LedgerScheduler
from tvspiders.policies.api_names import ApiNames, NotFound
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.api.site import Site
from tvspiders.sandbox.config import SandboxConfig
from tvspiders.sandbox.oracle import Oracle
from tvspiders.spiders.categories import CategoriesSpider
from tvspiders.spiders.collections import CollectionsSpider
from tvspiders.spiders.listings import ListingsSpider
from tvspiders.spiders.refresh import RefreshSpider
from tvspiders.spiders.remixes import RemixesSpider
from tvspiders.spiders.tags import TagsSpider
from tvspiders.spiders.things import ThingsSpider
from tvspiders.spiders.users import UsersSpider
from tvspiders.storage.queue.leases import Leased
from tvspiders.storage.units import NewRequest

API = "https://api.thingiverse.com"
SPIDERS: dict[str, type[Spider]] = {
    spider.name: spider
    for spider in (
        ThingsSpider,
        CategoriesSpider,
        UsersSpider,
        RemixesSpider,
        ListingsSpider,
        CollectionsSpider,
        TagsSpider,
        RefreshSpider,
    )
}
if "pages" in EXTRAS:
    SPIDERS["pages"] = load_object("tvspiders.spiders.pages.PagesSpider")
Reply = tuple[int, Any, dict[str, str]]
"""Status, JSON and headers of an answer."""


@dataclass
class Walked:
    """What a crawl came to."""

    items: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    """Those of the requests that were asked beyond the least."""

    def of(self, kind: str) -> list[Any]:
        return [item for item in self.items if item.kind == kind]

    def ids(self, kind: str) -> list[int]:
        return sorted(item.id for item in self.of(kind))

    def lists(self) -> dict[tuple[str, str], Any]:
        return {(item.subject_id, item.name): item for item in self.of("list")}

    def count(self, part: str) -> int:
        """Requests whose path holds a text."""
        return sum(part in path for path in self.asked)

    @property
    def twice(self) -> list[tuple[str, str]]:
        """Keys of one kind that were given with different contents: they would be twice in a feed."""
        contents: dict[tuple[str, str], set[str]] = {}
        for item in self.items:
            if item.kind != "tag":
                known = contents.setdefault((item.kind, str(item.key)), set())
                known.add(json.dumps(item.content(), sort_keys=True))
        return [key for key, different in contents.items() if len(different) > 1]


class World:
    """The sandbox's site; a test may answer some paths itself."""

    def __init__(self, **switches: Any) -> None:
        self.config = SandboxConfig(**({"things": 1000} | switches))
        self.site = Site(self.config)
        self.oracle = Oracle(self.config, site=self.site)
        self.own: Callable[[str], Reply | None] = lambda path: None
        self._ordinal = 0

    def answer(self, path: str) -> Reply:
        own = self.own(path)
        if own is not None:
            return own
        self._ordinal += 1
        ask = replace(Ask.read(path), base=API, ordinal=self._ordinal, day=self.config.day)
        found = self.site.answer(ask)
        return found.status, json.loads(found.body), found.headers

    def walk(self, name: str, *, most: int | None = None, pick: Any = min, **arguments: Any) -> Walked:
        """Run a crawl to its end, or for so many requests; ``pick`` chooses among the queued ones."""
        crawler = get_crawler(SPIDERS[name], {"THINGIVERSE_API_URL": API, "SCHEDULER": LedgerScheduler})
        spider = SPIDERS[name].from_crawler(crawler, **{key: str(value) for key, value in arguments.items()})
        walked = Walked()
        names = ApiNames(NAMES, {}, lambda number: False)
        rows: dict[str, tuple[int, int, NewRequest]] = {}
        queue: set[str] = set()

        def add(request: Request) -> None:
            new = encode(request, spider, API)
            key = f"{new.path} {new.variant}".strip()
            known = rows.get(key)
            if known is None:
                rows[key] = (-new.priority, len(rows), new)
                queue.add(key)
            elif new.nearer and -new.priority < known[0]:
                rows[key] = (-new.priority, known[1], new)
                queue.add(key)

        for request in asyncio.run(_start(spider)):
            add(request)
        while queue and (most is None or len(walked.asked) < most):
            key = pick(queue, key=lambda key: rows[key][:2])
            queue.remove(key)
            new, reply = self._asked(rows[key][2], names, rows[key][1], walked)
            for output in self._outputs(new, reply, spider, walked):
                if isinstance(output, Item):
                    walked.items.append(output)
                else:
                    add(output)
        return walked

    def _asked(
        self, new: NewRequest, names: ApiNames, number: int, walked: Walked
    ) -> tuple[NewRequest, Reply]:
        """The request under the name that answers, as the ledger finds it out, and its answer."""
        while True:
            found = list_in(new.path)
            name = names.name_for(found.key, number) if found is not None else None
            asked = new if name is None else replace(new, path=spelled(new.path, name))
            walked.asked.append(asked.path)
            if new.extra:
                walked.extra.append(asked.path)
            reply = status, document, headers = self.answer(asked.path)
            if found is None or name is None:
                return asked, reply
            read = answers.read(status, headers, json.dumps(document).encode())
            if read.verdict is Verdict.OK:
                names.answered(found.key, name)
            elif subject_lives(read):
                stated = json.loads(new.kwargs or "{}").get("stated")
                if names.missed(found.key, name, number, stated) is NotFound.AGAIN:
                    new = replace(new, extra="dialect")
                    continue
            return asked, reply

    def _outputs(self, new: NewRequest, reply: Reply, spider: Spider, walked: Walked) -> list[Any]:
        leased = Leased(1, new.path, new.callback, new.kwargs, new.priority, new.depth, 0)
        request = decode(leased, spider, API)
        assert request is not None
        assert request.callback is not None
        status, document, headers = reply
        response = TextResponse(
            API + new.path,
            status=status,
            headers=headers,
            body=json.dumps(document).encode(),
            request=request,
        )
        try:
            return list(request.callback(response, **request.cb_kwargs))
        except AnswerRefused as error:
            walked.refused.append(f"{new.path}: {error.reason}")
            return []


async def _start(spider: Spider) -> list[Request]:
    return [request async for request in spider.start()]


def repeated(paths: list[str]) -> list[str]:
    """Paths that were asked more than once."""
    return [path for path, number in Counter(paths).items() if number > 1]
