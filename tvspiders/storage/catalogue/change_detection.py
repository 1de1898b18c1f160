"""Whether a row of a list says anything new: ``details=changed`` asks a thing's page only then.

The look into the tables belongs to the transaction that stores the list's answer: what is
decided there is on disk together with the decision, and a crawl that dies decides again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from tvspiders.items import Thing
from tvspiders.storage.catalogue.row_ages import (
    COUNTS,
    GROWING,
    NAMES,
    differs,
    listed_things,
    older_rows,
    without_older,
)
from tvspiders.storage.tables import crawl_items, crawls, requests, things, tombstones
from tvspiders.storage.units import NewRequest, Spared, Unit

SHORTEST_REST, LONGEST_REST = timedelta(days=1), timedelta(days=30)
"""For how long a thing that is gone and still listed is left alone; in between, as long as it is gone."""


def has_changed(row: Thing, known: Mapping[str, Any] | None) -> bool:
    """Whether a row differs from what is stored; also when nothing can be compared.

    And when an earlier row did and was stored itself, as ``details=false`` stores rows: the page is
    as old as before.
    """
    if known is None or known["detail_scraped"] is None:
        return True
    said = {name: getattr(row, name) for name in (*COUNTS, *NAMES)}
    comparable = any(said[name] is not None and known[name] is not None for name in COUNTS)
    return not comparable or _moved_before(known) or differs(said, known)


def _moved_before(known: Mapping[str, Any]) -> bool:
    """Whether an earlier row differed from the page and was stored itself."""
    changed_at = known["changed_in_list_at"]
    return changed_at is not None and bool(changed_at > known["detail_scraped"])


def filter_unchanged(
    connection: Connection, crawl_id: int, units: Sequence[Unit]
) -> tuple[list[Unit], dict[int, Spared]]:
    """The units with either the row of a thing or the request for its page; and what that spared.

    By number of request. Nothing is taken of rows that are older than what is stored. Units without
    rows of things come back as they are.
    """
    listed = {number for unit in units for number in listed_things(unit)}
    if not listed:
        return list(units), {}
    stored = _stored(connection, listed)
    older = {unit.request_id: older_rows(unit, stored) for unit in units}
    sifted, spared = _filter_unchanged(connection, crawl_id, units, stored, older)
    for unit in units:
        if (found := older[unit.request_id]) and unit.request_id in spared:
            spared[unit.request_id] = replace(spared[unit.request_id], older=len(found))
        elif found:
            spared[unit.request_id] = Spared(older=len(found))
    return [without_older(unit, older[unit.request_id]) for unit in sifted], spared


def _filter_unchanged(
    connection: Connection,
    crawl_id: int,
    units: Sequence[Unit],
    stored: Mapping[int, Mapping[str, Any]],
    older: Mapping[int, frozenset[int]],
) -> tuple[list[Unit], dict[int, Spared]]:
    rows = {new.row.id: new for unit in units for new in unit.requests if new.row is not None}
    if not rows:
        return list(units), {}
    owed = _owed(connection, crawl_id, rows.values())
    buried = _left_alone(connection, crawl_id, rows)
    counted = _met(connection, crawl_id, rows)
    sifted: list[Unit] = []
    spared: dict[int, Spared] = {}
    for unit in units:
        if not any(new.row is not None for new in unit.requests):
            sifted.append(unit)
            continue
        asked: set[int] = set()
        unchanged: set[int] = set()
        gone: set[int] = set()
        now = unit.answer.received_at if unit.answer is not None else ""
        for new in unit.requests:
            if new.row is None:
                continue
            number = new.row.id
            if new.fingerprint in owed:
                asked.add(number)
            elif number in buried:
                (gone if _resting(buried[number], now) else asked).add(number)
            elif _lags(number, older[unit.request_id], stored):
                unchanged.add(number)
            else:
                (asked if has_changed(new.row, stored.get(number)) else unchanged).add(number)
        spared[unit.request_id] = Spared(len(unchanged - counted), frozenset(gone))
        counted |= unchanged
        sifted.append(_without(unit, rows=asked | gone, pages=unchanged | gone))
    return sifted, spared


def _lags(number: int, older: Collection[int], stored: Mapping[int, Mapping[str, Any]]) -> bool:
    """Whether a row is one of several that are older than the pages stored: nothing new to ask for.

    A single one may be a like that was taken back; its page tells.
    """
    if number not in older or len(older) < 2:
        return False
    known = stored[number]
    return known["detail_scraped"] is not None and not _moved_before(known)


def _without(unit: Unit, rows: Collection[int], pages: Collection[int]) -> Unit:
    """The unit without the rows of some things, and without the requests for the pages of others."""
    return replace(
        unit,
        items=[
            item
            for item in unit.items
            if not (isinstance(item, Thing) and not item.detail and item.id in rows)
        ],
        requests=[new for new in unit.requests if new.row is None or new.row.id not in pages],
    )


def _stored(connection: Connection, ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    wanted = ("id", "last_scraped", "detail_scraped", "changed_in_list_at", *COUNTS, *GROWING, *NAMES)
    query = select(*(things.c[name] for name in wanted)).where(
        things.c.id.in_(list(ids)), things.c.last_scraped.is_not(None)
    )
    found = connection.execute(query).mappings()
    return {row["id"]: dict(row) for row in found}


def _owed(connection: Connection, crawl_id: int, asked: Iterable[NewRequest]) -> set[bytes]:
    """Fingerprints of pages that this round asks, or has asked, anyway."""
    query = select(requests.c.fingerprint).where(
        requests.c.crawl_id == crawl_id, requests.c.fingerprint.in_([new.fingerprint for new in asked])
    )
    return {bytes(found) for found in connection.execute(query).scalars()}


def _met(connection: Connection, crawl_id: int, ids: Iterable[int]) -> set[int]:
    """Those that this round has stored already."""
    items = crawl_items.c
    query = select(items.key).where(
        items.crawl_id == crawl_id, items.kind == Thing.kind, items.key.in_([str(number) for number in ids])
    )
    return {int(key) for key in connection.execute(query).scalars()}


@dataclass(frozen=True)
class _Tombstone:
    """A thing that is gone or hidden."""

    since: str
    last: str
    """When its own page last said so."""
    listed: bool
    """Whether that was asked because a list named it: that a list still does is nothing new then."""


def _left_alone(
    connection: Connection, crawl_id: int, rows: Mapping[int, NewRequest]
) -> dict[int, _Tombstone]:
    """What is known of those that are gone, by number of thing; nearly always nothing."""
    stones = tombstones.c
    query = select(stones.subject_id, stones.first_seen, stones.last_scraped).where(
        stones.subject == "thing",
        stones.subject_id.in_([str(number) for number in rows]),
        stones.reappeared_at.is_(None),
    )
    found = connection.execute(query).all()
    if not found:
        return {}
    # Earlier rounds of this spider: the same index of the site has named it before.
    spider = select(crawls.c.spider).where(crawls.c.id == crawl_id).scalar_subquery()
    wanted = [rows[int(row.subject_id)].fingerprint for row in found]
    oldest = min(row.last_scraped or "" for row in found)
    asked = connection.execute(
        select(requests.c.fingerprint, requests.c.answered_at)
        .join(crawls, crawls.c.id == requests.c.crawl_id)
        .where(
            crawls.c.spider == spider,
            requests.c.fingerprint.in_(wanted),
            requests.c.state == "gone",
            requests.c.parent_id.is_not(None),
            requests.c.answered_at >= oldest,
        )
    ).all()
    by_list = {(bytes(row.fingerprint), row.answered_at) for row in asked}
    return {
        int(row.subject_id): _Tombstone(
            row.first_seen or row.last_scraped,
            row.last_scraped,
            (rows[int(row.subject_id)].fingerprint, row.last_scraped) in by_list,
        )
        for row in found
    }


def _resting(grave: _Tombstone, now: str) -> bool:
    """Whether a thing that is gone is not worth a request yet, although a list names it."""
    if not grave.listed or not now:
        return False
    since, last, moment = (datetime.fromisoformat(text) for text in (grave.since, grave.last, now))
    return moment - last < min(max(last - since, SHORTEST_REST), LONGEST_REST)
