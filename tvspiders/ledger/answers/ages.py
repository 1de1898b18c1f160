"""Pages that are older than what is stored are refused before they are committed (``policies.age``).

It belongs to the transaction that stores the answer: what is compared there is what would be overwritten,
whatever wrote it. All that the next look needs is in the rows of the request and of its refused answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from tvspiders.api import things, users
from tvspiders.api.document import read_json
from tvspiders.api.headers import max_age
from tvspiders.errors import AnswerRefused
from tvspiders.items import Creator, Thing
from tvspiders.policies.age import Outcome, Page, judge, older
from tvspiders.steady_clock import steady
from tvspiders.storage import tables
from tvspiders.storage.catalogue.known_pages import (
    COMPARED,
    answers_refused_as_older,
    known_pages,
    others_refused,
)
from tvspiders.storage.units import OLDER, Answer, Unit

Own = Thing | Creator
"""What has a page of its own."""
LONGEST_WAIT = 3600.0
"""Seconds; a ``max-age`` beyond it is not waited for."""


def refuse_older(connection: Connection, crawl_id: int, units: Sequence[Unit]) -> Sequence[Unit]:
    """The units; of those whose page is older than what is stored nothing is left but the answer."""
    pages = {unit.request_id: page for unit in units if (page := _page_of(unit)) is not None}
    if not pages:
        return units
    known: dict[type, Mapping[int, Mapping[str, Any]]] = {}
    for kind, table in ((Thing, tables.things), (Creator, tables.creators)):
        ids = {page.id for page in pages.values() if isinstance(page, kind) and page.id is not None}
        known[kind] = known_pages(connection, table, ids)
    judged: list[Unit] = []
    for unit in units:
        page = pages.get(unit.request_id)
        stored = known[type(page)].get(page.id or 0) if page is not None else None
        if page is None or stored is None:
            judged.append(unit)
        else:
            judged.append(_judged(connection, crawl_id, unit, page, stored))
    return judged


def _judged(connection: Connection, crawl_id: int, unit: Unit, page: Own, stored: Mapping[str, Any]) -> Unit:
    answer = unit.answer
    if answer is None:
        return unit
    said = _told(page, answer)
    if older(said, stored, stored["since"]) is None:
        return unit
    before = _before(connection, unit.request_id, page)
    others = bool(before) and others_refused(connection, crawl_id, unit.request_id)
    judgement = judge(said, stored, stored["since"], before, unit.attempts + 1, others)
    if judgement.outcome is Outcome.ACCEPT:
        return unit
    again = judgement.outcome is Outcome.RETRY
    wait = min(max_age(answer.headers), LONGEST_WAIT)
    return Unit(
        unit.request_id,
        "queued" if again else "parked",
        f"older than what is stored: {judgement.why}"[:270] + ("" if again else "; the next run asks again"),
        unit.attempts + 1,
        extra=OLDER if again else None,
        last=again,
        due=steady() + wait if again else None,
        answer=replace(answer, refused=OLDER),
    )


def _page_of(unit: Unit) -> Own | None:
    """What the answer is the own page of."""
    if unit.state != "done":
        return None
    for item in unit.items:
        if (isinstance(item, Thing) and item.detail) or (isinstance(item, Creator) and item.profile):
            return item
    return None


def _told(page: Own, answer: Answer) -> Page:
    table = tables.things if isinstance(page, Thing) else tables.creators
    facts = {name: getattr(page, name) for name in COMPARED[table.name]}
    return Page(facts, answer.received_at, answer.made_at)


def _before(connection: Connection, request_id: int, page: Own) -> list[Page]:
    """What the refused answers to the same request said."""
    found: list[Page] = []
    for answer in answers_refused_as_older(connection, request_id):
        try:
            document = read_json(answer.body or b"")
            if isinstance(page, Thing):
                items = things.thing_detail(document, page.id, ())
            else:
                items = users.user_profile(document, page.username)
        except AnswerRefused:
            continue
        own = items[0]
        if isinstance(own, Thing | Creator):
            found.append(_told(own, answer))
    return found
