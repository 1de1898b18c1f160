"""Base class of spiders that read lists, page by page, and note how each list ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers
from tvspiders.api.answers import Answer
from tvspiders.api.headers import links
from tvspiders.api.lists import paging
from tvspiders.api.lists.names import subject_lives
from tvspiders.api.lists.paging import Decision
from tvspiders.api.lists.progress import PageRead, Progress, Reread
from tvspiders.api.lists.rows import Listing
from tvspiders.api.lists.second_reads import Finding
from tvspiders.items import UNREADABLE, Item, ListRead
from tvspiders.spiders.base.api_spider import MISSING, ApiSpider, answer_of, headers_of
from tvspiders.spiders.base.cursors import ListCursor
from tvspiders.spiders.base.list_kinds import SINGLE_PAGE, About

Output = Item | Request
"""What a callback yields."""
SUBJECTS = ("thing", "user", "collection")
"""Whose lists are requested after their own page."""


class ListSpider(ApiSpider):
    """A spider that reads lists; :meth:`take` makes items and requests from their rows."""

    standing: Mapping[str, tuple[int, str]] = {}
    """Unaccounted rows that two later rounds found unchanged (number and digest), by key of the list: no page
    of it is requested a second time any more. The ledger sets them when the crawl is opened."""

    def ask_list(
        self,
        kind: str,
        subject_id: int | str,
        *,
        priority: int = 0,
        limit: int | None = None,
        stated: int | None = None,
        about: About | None = None,
    ) -> Request:
        """The first page of a list; ``stated`` is its length by the subject's own page."""
        cursor = ListCursor(kind, subject_id, limit=limit, stated=stated, about=about or {})
        return self._ask_page(cursor, priority)

    def parse_list(self, response: Response, **stored: Any) -> Iterator[Output]:
        """Rows of one page; then the next page, one to request a second time, or how the list ended."""
        cursor = ListCursor.from_dict(stored)
        answer = answer_of(response)
        listing = Listing()
        if answer.verdict not in MISSING:
            listing = cursor.read.parse(answer.document, cursor.subject_id, cursor.about)
        elif cursor.reread is None:
            if cursor.read.subject in SUBJECTS and subject_lives(answer):
                yield self.unlisted(cursor)
            else:
                yield from self.missing_list(answer, cursor)
            return
        cursor = replace(cursor, refused=cursor.refused + self.note_refused(listing, response))
        yield from self.take(listing, cursor)
        if cursor.fanned is not None:
            if cursor.page >= cursor.fanned:
                last = Progress(page=cursor.page, total=cursor.total)
                yield self.note_list(cursor, Decision(last, None, "unproven", True), Finding())
            return
        decision = decide(cursor, listing, headers_of(response))
        after = replace(cursor, progress=decision.progress, reread=None)
        priority = response.request.priority if response.request is not None else 0
        reread = self.reread_of(decision, cursor.key)
        if decision.next_page is not None:
            yield self._ask_page(replace(after, page=decision.next_page), priority)
        elif reread is not None:
            request = self._ask_page(replace(after, page=reread.page, reread=reread), priority)
            yield self.beyond_least(request, "second-look")
        else:
            yield from self.end_list(after, decision)

    def reread_of(self, decision: Decision, key: str) -> Reread | None:
        """The page of a list to request a second time; none where later rounds changed nothing."""
        settled = decision.settled
        return None if self.standing.get(key) == (settled.unaccounted, settled.digest) else decision.reread

    def take(self, listing: Listing, cursor: ListCursor) -> Iterable[Output]:
        """Items and requests from the rows of a page."""
        return iter(listing.items)

    def missing_list(self, answer: Answer, cursor: ListCursor) -> Iterable[Output]:
        """Items and requests for a list that is gone or hidden."""
        read = cursor.read
        yield answers.tombstone(answer, "list", f"{read.subject}/{cursor.subject_id}/{read.name}")

    def unlisted(self, cursor: ListCursor) -> ListRead:
        """Note a list that is missing while its subject exists.

        It is empty where nothing is stated: old versions of the API answer so. Else it cannot be read.
        """
        if cursor.stated or cursor.received:
            return self._unreadable(cursor)
        return ListRead(
            **_named(cursor), stated=cursor.stated, received=0, pages=1, ended="empty", complete=True
        )

    def unreadable_list(self, **stored: Any) -> ListRead:
        """Note a list that neither of its names brings; the ledger asks with a request's stored arguments."""
        return self._unreadable(ListCursor.from_dict(stored))

    def _unreadable(self, cursor: ListCursor) -> ListRead:
        """Its rows are unaccounted for where it was asked for by name."""
        asked = self.asked_for(cursor.kind)
        return ListRead(
            **_named(cursor),
            stated=cursor.stated,
            ended=UNREADABLE,
            doubtful=max(1, (cursor.stated or 0) - cursor.received) if asked else 0,
            doubt=UNREADABLE if asked else "",
        )

    def asked_for(self, kind: str) -> bool:
        """Whether the crawl was started for a kind of list, and does not only request it by default."""
        return True

    def end_list(self, cursor: ListCursor, decision: Decision) -> Iterator[Output]:
        """Note how a list ended; log it when its subject states another number of rows."""
        received, stated = decision.progress.received, cursor.stated
        if stated is not None and received != stated and decision.complete:
            # things are many, and their own lists are short; the end of the crawl names the largest
            self.logger.log(
                logging.DEBUG if cursor.read.subject == "thing" else logging.INFO,
                "The %s of %s %s: %d stated, %d listed (%+d)",
                cursor.read.name,
                cursor.read.subject,
                cursor.subject_id,
                stated,
                received,
                received - stated,
            )
        yield self.note_list(cursor, decision, decision.settled, received)

    def note_list(
        self, cursor: ListCursor, decision: Decision, finding: Finding, received: int | None = None
    ) -> ListRead:
        """How a list ended, and its unaccounted rows."""
        return ListRead(
            **_named(cursor),
            total=decision.progress.total,
            stated=cursor.stated,
            received=received,
            refused=cursor.refused,
            pages=decision.progress.page,
            ended=decision.ended,
            complete=decision.complete,
            **unaccounted(decision, finding),
        )

    def note_refused(self, listing: Listing, response: Response) -> int:
        """Log and count rows that could not be parsed; the raw answer is kept."""
        for refused in listing.refused:
            self.logger.warning("A row of %s was not understood: %s", response.url, refused.reason)
            if self.crawler.stats:
                self.crawler.stats.inc_value(f"tv/rows/refused/{refused.reason}")
        return len(listing.refused)

    def _ask_page(self, cursor: ListCursor, priority: int) -> Request:
        return self.ask(cursor.path, self.parse_list, priority=priority, **cursor.as_dict())


def decide(cursor: ListCursor, listing: Listing, headers: dict[str, str]) -> Decision:
    """Which page comes next, which is requested a second time, or why none."""
    page = PageRead(listing.keys, listing.total, headers)
    progress = cursor.progress or Progress(page=cursor.page)
    if cursor.reread is not None:
        return paging.after_second_read(progress, cursor.reread, page, cursor.bounds)
    if not links(headers) and not cursor.read.paged and len(page.keys) < SINGLE_PAGE:
        # nothing says that there is more than these rows
        page = replace(page, total=progress.received + len(page.keys))
    return paging.next_page(progress, page, cursor.bounds)


def unaccounted(decision: Decision, finding: Finding) -> dict[str, Any]:
    """Columns of the table of lists about pages that do not add up."""
    return {
        "looks": len(decision.progress.history.second_reads),
        "not_served": finding.not_served,
        "doubtful": finding.unaccounted,
        "doubt": finding.digest,
    }


def _named(cursor: ListCursor) -> dict[str, Any]:
    read = cursor.read
    return {"subject": read.subject, "subject_id": str(cursor.subject_id), "name": read.name}
