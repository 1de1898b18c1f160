"""Reading lists page by page, and noting how each of them ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any, Generic

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers, paging
from tvspiders.api.answers import Answer
from tvspiders.api.headers import links
from tvspiders.api.lists import Listing
from tvspiders.api.paging import Decision, Progress
from tvspiders.items import Item, ListRead
from tvspiders.spiders.api_spider import MISSING, ApiSpider, P, answer_of, headers_of
from tvspiders.spiders.lists import FAN_LIMIT, KINDS, SINGLE_PAGE, About, Kind

Output = Item | Request
"""What a callback yields."""


class ListSpider(ApiSpider[P], Generic[P]):
    """A spider that reads lists; what becomes of their rows is for :meth:`take`."""

    def ask_list(
        self,
        kind: str,
        of: int | str,
        *,
        priority: int = 0,
        limit: int | None = None,
        stated: int | None = None,
        about: About | None = None,
    ) -> Request:
        """The first page of a list; ``stated`` is what the subject's own page says of its length."""
        arguments: dict[str, Any] = {"kind": kind, "of": of}
        given = {"limit": limit, "stated": stated, "about": about}
        arguments |= {name: value for name, value in given.items() if value is not None}
        return self._ask_page(1, arguments, priority)

    def parse_list(
        self,
        response: Response,
        kind: str,
        of: int | str,
        page: int = 1,
        progress: dict[str, Any] | None = None,
        fanned: int | None = None,
        total: int | None = None,
        limit: int | None = None,
        stated: int | None = None,
        refused: int = 0,
        about: About | None = None,
    ) -> Iterator[Output]:
        """One page: its rows, and the page after it or the end of the list.

        ``fanned`` is the last of the pages that are asked side by side, because the first one
        told the ``total``.
        """
        answer = answer_of(response)
        about = about or {}
        read = KINDS[kind]
        if answer.verdict in MISSING:
            yield from self.missing_list(answer, kind, of, page, about)
            return
        found = read.parse(answer.document, of, about)
        refused += self.note_refused(found, response)
        yield from self.take(found, kind, of, about)
        if fanned is not None and page < fanned:
            return
        arguments: dict[str, Any] = {"kind": kind, "of": of, "refused": refused}
        given = {"limit": limit, "stated": stated, "about": about or None, "fanned": fanned, "total": total}
        arguments |= {name: value for name, value in given.items() if value is not None}
        before = Progress.from_dict(progress) if progress else Progress(page=page)
        decision = decide(read, found, before, headers_of(response), limit, fanned)
        priority = response.request.priority if response.request is not None else 0
        if decision.next_page is None:
            yield from self.end_list(read, of, decision, stated, refused, total, about)
        elif read.fan and fanned is None and (last := fan_out(decision, limit)):
            arguments |= {"fanned": last, "total": decision.progress.total}
            for number in range(2, last + 1):
                yield self._ask_page(number, arguments, priority)
        else:
            arguments["progress"] = decision.progress.as_dict()
            yield self._ask_page(decision.next_page, arguments, priority)

    def take(self, found: Listing, kind: str, of: int | str, about: About) -> Iterable[Output]:
        """What becomes of the rows of a page."""
        return iter(found.items)

    def missing_list(
        self, answer: Answer, kind: str, of: int | str, page: int, about: About
    ) -> Iterable[Output]:
        """What becomes of a list that is gone or hidden."""
        read = KINDS[kind]
        yield answers.tombstone(answer, "list", f"{read.subject}/{of}/{read.name}")

    def end_list(
        self,
        read: Kind,
        of: int | str,
        decision: Decision,
        stated: int | None,
        refused: int,
        total: int | None,
        about: About,
    ) -> Iterator[Output]:
        """Note how a list ended; say so when it holds another number than its subject states."""
        progress = decision.progress
        received = progress.received if total is None else None
        if stated is not None and received is not None and received != stated and decision.complete:
            # things are many, and their own lists are short
            self.logger.log(
                logging.DEBUG if read.subject == "thing" else logging.INFO,
                "The %s of %s %s: %d stated, %d listed (%+d)",
                read.name,
                read.subject,
                of,
                stated,
                received,
                received - stated,
            )

        yield ListRead(
            subject=read.subject,
            subject_id=str(of),
            name=read.name,
            stated=stated,
            total=progress.total if total is None else total,
            received=received,
            refused=refused,
            pages=progress.page,
            ended=decision.reason,
            complete=decision.complete,
        )

    def note_refused(self, found: Listing, response: Response) -> int:
        """Say which rows were not understood; the raw answer is kept."""
        for refused in found.refused:
            self.logger.warning("A row of %s was not understood: %s", response.url, refused.reason)
            if self.crawler.stats:
                self.crawler.stats.inc_value(f"tv/rows/refused/{refused.reason}")
        return len(found.refused)

    def _ask_page(self, page: int, arguments: dict[str, Any], priority: int) -> Request:
        path = KINDS[arguments["kind"]].path(arguments["of"], page)
        return self.ask(path, self.parse_list, priority=priority, page=page, **arguments)


def decide(
    read: Kind,
    found: Listing,
    progress: Progress,
    headers: dict[str, str],
    limit: int | None,
    fanned: int | None,
) -> Decision:
    """Whether there is another page, and why not."""
    told, linked = found.total, bool(links(headers))
    if not linked and (fanned is not None or (not read.paged and len(found.keys) < SINGLE_PAGE)):
        # nothing says that there is more than was asked
        told = progress.received + len(found.keys)
    if fanned is not None:
        # the pages up to the total are asked already: only a Link can name one more
        headers = {name: value for name, value in headers.items() if name.lower() != "total-count"}
    return paging.next_page(progress, found.keys, told, headers, limit=limit)


def fan_out(decision: Decision, limit: int | None) -> int | None:
    """Number of the last page to ask side by side after the first; ``None`` to go one by one."""
    progress = decision.progress
    if not progress.total or not progress.size:
        return None
    last = min(-(-progress.total // progress.size), FAN_LIMIT, limit or FAN_LIMIT)
    return last if last >= 2 else None
