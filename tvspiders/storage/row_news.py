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
from tvspiders.storage.tables import crawl_items, crawls, requests, things, tombstones
from tvspiders.storage.units import NewRequest, Spared, Unit

COUNTS = ("like_count", "make_count", "collect_count", "comment_count")
"""Counts that a row and a thing's own page both carry."""
NAMES = ("name", "modified")
"""What else shows that a thing was edited."""
SHORTEST_REST, LONGEST_REST = timedelta(days=1), timedelta(days=30)
"""For how long a thing that is gone and still listed is left alone; in between, as long as it is gone."""


def says_news(row: Thing, known: Mapping[str, Any] | None) -> bool:
    """Whether a row differs from what is stored; also when nothing can be compared.

    And when an earlier row did and was stored itself, as ``details=false`` stores rows: the page is
    as old as before.
    """
    if known is None or known["detail_scraped"] is None:
        return True
    said = {name: getattr(row, name) for name in (*COUNTS, *NAMES)}
    comparable = any(said[name] is not None and known[name] is not None for name in COUNTS)
    moved_before = known["moved_at"] is not None and known["moved_at"] > known["detail_scraped"]
    return not comparable or moved_before or differs(said, known)


def differs(said: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether two tell different counts or names of a thing.

    What only one side says is no difference: pages and rows carry different fields.
    """
    return any(
        said[name] is not None and known[name] is not None and said[name] != known[name]
        for name in (*COUNTS, *NAMES)
    )


def sift(
    connection: Connection, crawl_id: int, units: Sequence[Unit]
) -> tuple[list[Unit], dict[int, Spared]]:
    """The units with either the row of a thing or the request for its page; and what that spared.

    By number of request. Units whose requests are asked in any case come back as they are.
    """
    rows = {new.row.id: new for unit in units for new in unit.requests if new.row is not None}
    if not rows:
        return list(units), {}
    stored = _stored(connection, rows)
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
            else:
                (asked if says_news(new.row, stored.get(number)) else unchanged).add(number)
        spared[unit.request_id] = Spared(len(unchanged - counted), frozenset(gone))
        counted |= unchanged
        sifted.append(_without(unit, rows=asked | gone, pages=unchanged | gone))
    return sifted, spared


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
    columns = (things.c[name] for name in ("id", "detail_scraped", "moved_at", *COUNTS, *NAMES))
    found = connection.execute(select(*columns).where(things.c.id.in_(list(ids)))).mappings()
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
class _Grave:
    """A thing that is gone or hidden."""

    since: str
    last: str
    """When its own page last said so."""
    listed: bool
    """Whether that was asked because a list named it: that a list still does is nothing new then."""


def _left_alone(connection: Connection, crawl_id: int, rows: Mapping[int, NewRequest]) -> dict[int, _Grave]:
    """What is known of those that are gone, by number of thing; nearly always nothing."""
    stones = tombstones.c
    query = select(stones.subject_id, stones.first_seen, stones.last_scraped).where(
        stones.subject == "thing",
        stones.subject_id.in_([str(number) for number in rows]),
        stones.back_at.is_(None),
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
        int(row.subject_id): _Grave(
            row.first_seen or row.last_scraped,
            row.last_scraped,
            (rows[int(row.subject_id)].fingerprint, row.last_scraped) in by_list,
        )
        for row in found
    }


def _resting(grave: _Grave, now: str) -> bool:
    """Whether a thing that is gone is not worth a request yet, although a list names it."""
    if not grave.listed or not now:
        return False
    since, last, moment = (datetime.fromisoformat(text) for text in (grave.since, grave.last, now))
    return moment - last < min(max(last - since, SHORTEST_REST), LONGEST_REST)
