"""Reading lists page by page, and noting how each of them ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scrapy import Request
from scrapy.http import Response

from tvspiders.api import answers, paging
from tvspiders.api.answers import Answer
from tvspiders.api.headers import links
from tvspiders.api.list_names import subject_lives
from tvspiders.api.lists import Listing
from tvspiders.api.oddities import Finding
from tvspiders.api.paging import Decision, Progress
from tvspiders.items import UNREADABLE, Item, ListRead
from tvspiders.spiders.api_spider import MISSING, ApiSpider, answer_of, headers_of
from tvspiders.spiders.lists import KINDS, SINGLE_PAGE, About, Kind

Output = Item | Request
"""What a callback yields."""
SUBJECTS = ("thing", "user", "collection")
"""Whose lists are asked once their own page was answered."""


class ListSpider(ApiSpider):
    """A spider that reads lists; what becomes of their rows is for :meth:`take`."""

    standing: Mapping[str, tuple[int, str]] = {}
    """Doubts that two later rounds met unchanged, by key of the list: not looked into any more. The ledger
    gives them when the crawl is opened."""

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
        look: dict[str, Any] | None = None,
    ) -> Iterator[Output]:
        """One page: its rows, and the page after it, one to be looked at twice, or the end of the list.

        ``look`` is set for a second look: the ``page`` that is asked once more, ``why``, and for what
        ``reason`` the list had ended. ``fanned`` and ``total`` come from older versions, which asked
        all pages side by side once the first one told the ``total``.
        """
        answer = answer_of(response)
        about = about or {}
        read = KINDS[kind]
        found = Listing()
        if answer.verdict not in MISSING:
            found = read.parse(answer.document, of, about)
        elif look is None:
            if read.subject in SUBJECTS and subject_lives(answer):
                yield self.unlisted(kind, of, stated, progress["received"] if progress else 0)
            else:
                yield from self.missing_list(answer, kind, of, page, about)
            return
        refused += self.note_refused(found, response)
        yield from self.take(found, kind, of, about)
        if fanned is not None:
            if page >= fanned:
                unproven = Decision(Progress(page=page, total=total), None, "unproven", True)
                yield self.note_list(read, of, unproven, Finding(), stated=stated, refused=refused)
            return
        before = Progress.from_dict(progress) if progress else Progress(page=page)
        decision = decide(read, found, before, headers_of(response), limit, look)
        arguments: dict[str, Any] = {"kind": kind, "of": of, "refused": refused}
        given = {"limit": limit, "stated": stated, "about": about or None}
        arguments |= {name: value for name, value in given.items() if value is not None}
        arguments["progress"] = decision.progress.as_dict()
        priority = response.request.priority if response.request is not None else 0
        again = self.look_at(decision, f"{read.subject}>{of}>{read.name}")
        if decision.next_page is not None:
            yield self._ask_page(decision.next_page, arguments, priority)
        elif again is not None:
            yield self.beyond_least(
                self._ask_page(again["page"], arguments | {"look": again}, priority), "second-look"
            )
        else:
            yield from self.end_list(read, of, decision, stated, refused, about)

    def look_at(self, decision: Decision, key: str) -> dict[str, Any] | None:
        """The page of a list that is to be asked once more, why, and how the list had ended."""
        look = decision.finding.look
        if look is None or self.standing.get(key) == (decision.settled.doubtful, decision.settled.digest):
            return None
        return {"page": look[0], "why": look[1], "reason": decision.reason}

    def take(self, found: Listing, kind: str, of: int | str, about: About) -> Iterable[Output]:
        """What becomes of the rows of a page."""
        return iter(found.items)

    def missing_list(
        self, answer: Answer, kind: str, of: int | str, page: int, about: About
    ) -> Iterable[Output]:
        """What becomes of a list that is gone or hidden."""
        read = KINDS[kind]
        yield answers.tombstone(answer, "list", f"{read.subject}/{of}/{read.name}")

    def unlisted(self, kind: str, of: int | str, stated: int | None, received: int = 0) -> ListRead:
        """What becomes of a list that is missing while its subject is there.

        It is empty where nothing is stated: old versions of the API answer so. Else it cannot be read.
        """
        if stated or received:
            return self.unreadable_list(kind, of, stated, received)
        read = KINDS[kind]
        return ListRead(
            subject=read.subject,
            subject_id=str(of),
            name=read.name,
            stated=stated,
            received=0,
            pages=1,
            ended="empty",
            complete=True,
        )

    def unreadable_list(
        self, kind: str, of: int | str, stated: int | None = None, received: int = 0, **_: Any
    ) -> ListRead:
        """Note a list that no address brings; rows are in doubt where it was asked for by name."""
        read = KINDS[kind]
        asked = self.asked_for(kind)
        return ListRead(
            subject=read.subject,
            subject_id=str(of),
            name=read.name,
            stated=stated,
            ended=UNREADABLE,
            doubtful=max(1, (stated or 0) - received) if asked else 0,
            doubt=UNREADABLE if asked else "",
        )

    def asked_for(self, kind: str) -> bool:
        """Whether a kind of list is what the crawl was started for, and not only asked by default."""
        return True

    def end_list(
        self,
        read: Kind,
        of: int | str,
        decision: Decision,
        stated: int | None,
        refused: int,
        about: About,
    ) -> Iterator[Output]:
        """Note how a list ended; say so when it holds another number than its subject states."""
        received = decision.progress.received
        if stated is not None and received != stated and decision.complete:
            # things are many, and their own lists are short; the end of the crawl names the largest
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
        yield self.note_list(
            read, of, decision, decision.settled, stated=stated, received=received, refused=refused
        )

    def note_list(
        self, read: Kind, of: int | str, decision: Decision, finding: Finding, **known: int | None
    ) -> ListRead:
        """How a list ended, and what is in doubt."""
        return ListRead(
            subject=read.subject,
            subject_id=str(of),
            name=read.name,
            total=decision.progress.total,
            pages=decision.progress.page,
            ended=decision.ended,
            complete=decision.complete,
            **doubt_of(decision, finding),
            **known,  # type: ignore[arg-type]
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
    look: dict[str, Any] | None,
) -> Decision:
    """Whether there is another page, or one to be looked at twice, and why not."""
    told = found.total
    if look is not None:
        return paging.second_look(progress, **look, keys=found.keys, total=told, headers=headers, limit=limit)
    if not links(headers) and not read.paged and len(found.keys) < SINGLE_PAGE:
        # nothing says that there is more than was asked
        told = progress.received + len(found.keys)
    return paging.next_page(progress, found.keys, told, headers, limit=limit)


def doubt_of(decision: Decision, finding: Finding) -> dict[str, Any]:
    """What the note about a list says of the pages that did not add up."""
    return {
        "looks": len(decision.progress.trail.looks),
        "not_served": finding.not_served,
        "doubtful": finding.doubtful,
        "doubt": finding.digest,
    }
