"""What is learned of the API from its answers: the fields that they carry, and the API names of lists."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from tvspiders.storage.database.upserts import insert_for, upsert
from tvspiders.storage.tables import answer_fields, dialects


@dataclass(slots=True)
class FieldCounts:
    """Counts of one field of an endpoint."""

    first: int
    """Answers before the first one that carried it."""
    asked: int = 0
    """Answers since then that could have carried it: for a field of a map, those with the map."""
    present: int = 0
    """Answers that carried it."""
    absent: int = 0
    """Answers without it, since the last one that carried it."""
    types: int = 0
    """Types of its values, as bits of ``api.answer_fields``; 0 while all were null."""
    steady: int = 0
    """Answers that carried it while nearly all that could did."""


@dataclass(frozen=True)
class Notice:
    """A change of the API's answers, as first noticed."""

    endpoint: str
    field: str
    change: str
    """``vanished``, ``new`` or ``type``."""
    line: str
    """All of it in one line."""
    stored: bool = False
    """Whether a stored column depends on a field that vanished."""
    crawl_id: int = 0
    """The round that noticed it."""
    at: str = ""
    """When the answer that showed it was received."""
    told: bool = False
    """Whether a round ended as partial because of it; from then on it is standing."""
    back: bool = False
    """Whether a field that vanished is in the answers again."""


@dataclass
class Inventory:
    """The fields in the answers of one endpoint so far."""

    answers: int = 0
    """Answers looked at."""
    fields: dict[str, FieldCounts] = field(default_factory=dict)
    noticed: list[Notice] = field(default_factory=list)


@dataclass(frozen=True)
class Drift:
    """Changes of the fields of answers."""

    noticed: tuple[Notice, ...] = ()
    """All changes in the database, oldest first."""
    crawl_id: int | None = None
    """The round whose end this is."""

    @property
    def lines(self) -> list[str]:
        """The changes that this round noticed, one line each."""
        return [notice.line for notice in self.noticed if notice.crawl_id == self.crawl_id]

    @property
    def unreported(self) -> list[Notice]:
        """Vanished fields that a column depends on, noticed by this round, not reported by any before."""
        return [
            notice
            for notice in self.noticed
            if notice.stored and not notice.told and notice.crawl_id == self.crawl_id
        ]

    @property
    def standing(self) -> list[Notice]:
        """Vanished fields that a column depends on, reported before, and that have not reappeared."""
        return [notice for notice in self.noticed if notice.stored and notice.told and not notice.back]


_NAMED = (
    select(answer_fields)
    .where(answer_fields.c.endpoint.in_(bindparam("wanted", expanding=True)))
    .order_by(answer_fields.c.endpoint)
    .with_for_update()
)
_WRITTEN = (
    update(answer_fields)
    .where(answer_fields.c.endpoint == bindparam("of_endpoint"))
    .values({name: bindparam(name) for name in ("answers", "fields", "noticed")})
)


def inventories(connection: Connection, endpoints: Collection[str]) -> dict[str, Inventory]:
    """The inventories of these endpoints, locked until the transaction ends; new ones are empty.

    No other lock may be awaited afterwards: other workers wait for these.
    """
    wanted = sorted(endpoints)
    found = connection.execute(_NAMED, {"wanted": wanted}).all()
    if len(found) < len(wanted):
        rows = [{"endpoint": endpoint, "answers": 0, "fields": "{}"} for endpoint in wanted]
        connection.execute(insert_for(connection, answer_fields).values(rows).on_conflict_do_nothing())
        found = connection.execute(_NAMED, {"wanted": wanted}).all()
    return {row.endpoint: _inventory(row) for row in found}


def store_inventories(connection: Connection, changed: dict[str, Inventory]) -> None:
    """Write the inventories back."""
    rows = [
        {
            "of_endpoint": endpoint,
            "answers": one.answers,
            "fields": _written({name: _as_list(known) for name, known in one.fields.items()}),
            "noticed": _notices_text(one.noticed),
        }
        for endpoint, one in sorted(changed.items())
    ]
    if rows:
        connection.execute(_WRITTEN, rows)


def drift_of(connection: Connection, crawl_id: int | None = None) -> Drift:
    """The changes noticed so far; reads only."""
    query = select(answer_fields.c.noticed).where(answer_fields.c.noticed.is_not(None))
    texts = connection.execute(query.order_by(answer_fields.c.endpoint)).scalars().all()
    found = [notice for text in texts for notice in _notices(text)]
    return Drift(tuple(sorted(found, key=lambda notice: notice.at)), crawl_id)


def mark_reported(connection: Connection, crawl_id: int) -> None:
    """Mark what this round noticed as reported: it ended as partial, and the fields are standing now."""
    told = {notice.endpoint for notice in drift_of(connection, crawl_id).unreported}
    if not told:
        return
    changed = inventories(connection, told)
    for one in changed.values():
        one.noticed = [
            Notice(**(asdict(notice) | {"told": notice.told or notice.crawl_id == crawl_id}))
            for notice in one.noticed
        ]
    store_inventories(connection, changed)


def _inventory(row: Any) -> Inventory:
    fields = {name: FieldCounts(*numbers) for name, numbers in json.loads(row.fields).items()}
    return Inventory(row.answers, fields, _notices(row.noticed))


def _as_list(known: FieldCounts) -> list[int]:
    return [known.first, known.asked, known.present, known.absent, known.types, known.steady]


def _notices(text: str | None) -> list[Notice]:
    return [Notice(**given) for given in json.loads(text)] if text else []


def _notices_text(noticed: Iterable[Notice]) -> str | None:
    given = [asdict(notice) for notice in noticed]
    return _written(given) if given else None


def _written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def read_api_names(connection: Connection, origin: str) -> dict[str, str]:
    """Topic -> what the origin answered last, such as ``thing/copies`` -> ``makes``."""
    found = connection.execute(select(dialects.c.topic, dialects.c.value).where(dialects.c.origin == origin))
    return {str(topic): str(value) for topic, value in found.all()}


def note_api_names(connection: Connection, origin: str, known: Mapping[str, str], at: str) -> None:
    """Store what was learned of an origin; the newest answer wins."""
    upsert(
        connection,
        dialects,
        [
            {"origin": origin, "topic": topic, "value": value, "last_scraped": at}
            for topic, value in known.items()
        ],
    )
