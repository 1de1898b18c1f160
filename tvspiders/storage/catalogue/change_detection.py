"""Detect changes from list rows, so that ``details=changed`` requests only the pages of changed things.

The tables are read in the transaction that stores the list's answer, so the decision is on disk together
with what it is based on; a crawl that dies decides again.
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

MIN_PAUSE, MAX_PAUSE = timedelta(days=1), timedelta(days=30)
"""Bounds of the pause before a gone thing that is still listed is requested: as long as it is gone."""


def has_changed(row: Thing, known: Mapping[str, Any] | None) -> bool:
    """Whether a row differs from what is stored, or cannot be compared.

    Also if an earlier row differed and was stored itself, as ``details=false`` stores rows: the page is
    as old as before.
    """
    if known is None or known["detail_scraped"] is None:
        return True
    said = {name: getattr(row, name) for name in (*COUNTS, *NAMES)}
    comparable = any(said[name] is not None and known[name] is not None for name in COUNTS)
    return not comparable or _changed_in_list(known) or differs(said, known)


def _changed_in_list(known: Mapping[str, Any]) -> bool:
    """Whether an earlier row differed from the page and was stored itself."""
    changed_at = known["changed_in_list_at"]
    return changed_at is not None and bool(changed_at > known["detail_scraped"])


def filter_unchanged(
    connection: Connection, crawl_id: int, units: Sequence[Unit]
) -> tuple[list[Unit], dict[int, Spared]]:
    """The units with either the row of a thing or the request for its page; and the spared requests.

    By number of request. Nothing is taken of rows that are older than what is stored. Units without
    rows of things come back as they are.
    """
    listed = {number for unit in units for number in listed_things(unit)}
    if not listed:
        return list(units), {}
    stored = _stored(connection, listed)
    older = {unit.request_id: older_rows(unit, stored) for unit in units}
    kept, spared = _filter_unchanged(connection, crawl_id, units, stored, older)
    for unit in units:
        if (found := older[unit.request_id]) and unit.request_id in spared:
            spared[unit.request_id] = replace(spared[unit.request_id], older=len(found))
        elif found:
            spared[unit.request_id] = Spared(older=len(found))
    return [without_older(unit, older[unit.request_id]) for unit in kept], spared


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
    requested = _requested(connection, crawl_id, rows.values())
    gone_before = _tombstones(connection, crawl_id, rows)
    counted = _stored_in_round(connection, crawl_id, rows)
    kept: list[Unit] = []
    spared: dict[int, Spared] = {}
    for unit in units:
        if not any(new.row is not None for new in unit.requests):
            kept.append(unit)
            continue
        asked: set[int] = set()
        unchanged: set[int] = set()
        gone: set[int] = set()
        now = unit.answer.received_at if unit.answer is not None else ""
        for new in unit.requests:
            if new.row is None:
                continue
            number = new.row.id
            if new.fingerprint in requested:
                asked.add(number)
            elif number in gone_before:
                (gone if _is_paused(gone_before[number], now) else asked).add(number)
            elif _is_lagging(number, older[unit.request_id], stored):
                unchanged.add(number)
            else:
                (asked if has_changed(new.row, stored.get(number)) else unchanged).add(number)
        spared[unit.request_id] = Spared(len(unchanged - counted), frozenset(gone))
        counted |= unchanged
        kept.append(_without(unit, rows=asked | gone, pages=unchanged | gone))
    return kept, spared


def _is_lagging(number: int, older: Collection[int], stored: Mapping[int, Mapping[str, Any]]) -> bool:
    """Whether a row is one of several that are older than the stored pages: nothing has changed.

    A single one may be a like that was taken back; its page shows that.
    """
    if number not in older or len(older) < 2:
        return False
    known = stored[number]
    return known["detail_scraped"] is not None and not _changed_in_list(known)


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


def _requested(connection: Connection, crawl_id: int, asked: Iterable[NewRequest]) -> set[bytes]:
    """Fingerprints of pages that this round requests, or has requested, anyway."""
    query = select(requests.c.fingerprint).where(
        requests.c.crawl_id == crawl_id, requests.c.fingerprint.in_([new.fingerprint for new in asked])
    )
    return {bytes(found) for found in connection.execute(query).scalars()}


def _stored_in_round(connection: Connection, crawl_id: int, ids: Iterable[int]) -> set[int]:
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
    """When its own page last confirmed it."""
    listed: bool
    """Whether that page was requested because of a list: that a list still has it is no change then."""


def _tombstones(
    connection: Connection, crawl_id: int, rows: Mapping[int, NewRequest]
) -> dict[int, _Tombstone]:
    """The tombstones of these things, by number; nearly always none."""
    stones = tombstones.c
    query = select(stones.subject_id, stones.first_seen, stones.last_scraped).where(
        stones.subject == "thing",
        stones.subject_id.in_([str(number) for number in rows]),
        stones.reappeared_at.is_(None),
    )
    found = connection.execute(query).all()
    if not found:
        return {}
    # earlier rounds of this spider: the same index of the site has listed it before
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


def _is_paused(tombstone: _Tombstone, now: str) -> bool:
    """Whether it is too early to request a gone thing again, although a list has it."""
    if not tombstone.listed or not now:
        return False
    since, last, moment = (datetime.fromisoformat(text) for text in (tombstone.since, tombstone.last, now))
    return moment - last < min(max(last - since, MIN_PAUSE), MAX_PAUSE)
