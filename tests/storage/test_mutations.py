"""Ten thousand damaged answers, parsed and stored: no crash, no wrong row, the same on both databases."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Boolean, Engine, Integer, LargeBinary, Table, Text, func, select

from tests.support.invariants import problems
from tests.support.kinds import KINDS, read_items
from tests.support.making import OWNER, answer, at, lease, open_crawl
from tests.support.mutations import mutations
from tvspiders.api.document import raw_text, read_json
from tvspiders.items import Source, Thing
from tvspiders.storage import tables
from tvspiders.storage.answer_codec import unpack
from tvspiders.storage.commit import commit_units
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.queue.requests import add_requests
from tvspiders.storage.tables import metadata
from tvspiders.storage.units import NewRequest, Unit

COUNT = 10_000
BATCH = 100
ELSEWHERE = {"dialects", "likes_sent", "orders", "order_events", "page_snapshots", "forgotten"}
"""No answer of the API ends up in these."""
OUR_OWN = {
    "answer_fields",
    "crawls",
    "requests",
    "answers",
    "crawl_items",
    "feeds",
    "feed_items",
    "quota_windows",
    "crawl_workers",
} | ELSEWHERE
DATA = [table for table in metadata.sorted_tables if table.name not in OUR_OWN]
SPAN = 3000
"""Answers whose moments of receipt are all different before they repeat."""


def unit_of(number: int, kind: str, body: bytes) -> Unit:
    """What the ledger makes of an answer."""
    found, refused = read_items(kind, body)
    for item in found:
        item.stamp(Source(number, at(number % SPAN)))
    if not found and refused:
        why = refused[0]
        return Unit(number, "quarantined", why, answer=answer(number % SPAN, body, refused=why))
    own_page = any(isinstance(item, Thing) and item.detail for item in found)
    return Unit(
        number,
        answer=answer(number % SPAN, body),
        items=list(found),
        raw_json=raw_text(read_json(body)) if own_page else None,
    )


@pytest.fixture(scope="module")
def damaged() -> list[tuple[str, bytes]]:
    return list(mutations(920, COUNT))


@pytest.fixture
def engines(sqlite_template, tmp_path, postgresql_server) -> Iterator[list[Engine]]:
    (tmp_path / "test.db").write_bytes(sqlite_template.read_bytes())
    postgresql = postgresql_server.url(postgresql_server.with_tables())
    engines = [open_engine(f"sqlite:///{tmp_path / 'test.db'}"), open_engine(postgresql)]
    yield engines
    for engine in engines:
        engine.dispose()
    postgresql_server.empty()


def test_damaged_answers_are_stored_alike_or_refused_with_their_raw_body(damaged, engines):
    for first in range(0, COUNT, BATCH):
        chunk = damaged[first : first + BATCH]
        units = [unit_of(first + offset, kind, body) for offset, (kind, body) in enumerate(chunk, 1)]
        assert [why for unit in units for item in unit.items for why in problems(item)] == []
        for engine in engines:
            commit(engine, units)

    stored = [contents(engine) for engine in engines]
    for table in DATA:
        assert stored[0][table.name] == stored[1][table.name], table.name
        assert stored[0][table.name] or table.name in ("creator_names", "tombstones", "lists"), table.name
    assert wrong_types(engines[0]) == []
    for engine in engines:
        check_answers(engine, damaged)


def commit(engine: Engine, units: Sequence[Unit]) -> None:
    """Queue, lease and commit; a value that a database refuses fails the test."""
    with writing(engine) as connection:
        crawl = open_crawl(connection)
        asked = [(None, NewRequest(f"/answer/{unit.request_id}", "parse")) for unit in units]
        add_requests(connection, crawl.id, asked)
        held = lease(connection, crawl, BATCH)
        assert [request.id for request in held] == [unit.request_id for unit in units]
        assert len(commit_units(connection, crawl.id, OWNER, units)) == len(units)


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the data, without the numbers that a database gives by itself."""
    found = {}
    with engine.connect() as connection:
        for table in DATA:
            own = {"id"} if table is tables.download_snapshots else {"key"}
            query = select(*(column for column in table.c if column.name not in own))
            found[table.name] = sorted((tuple(row) for row in connection.execute(query)), key=repr)
    return found


def wrong_types(sqlite: Engine) -> list[str]:
    """SQLite takes any value in any column; each must be what its column says."""
    wrong: list[str] = []
    with sqlite.connect() as connection:
        for table in DATA:
            for column in table.c:
                kinds = select(func.typeof(column)).distinct()
                found = set(connection.execute(kinds).scalars()) - {"null"}
                if not found <= expected_type(table, column.name):
                    wrong.append(f"{table.name}.{column.name}: {found}")
    return wrong


def expected_type(table: Table, name: str) -> set[str]:
    kind = table.c[name].type
    if isinstance(kind, Boolean | Integer):
        return {"integer"}
    return {"text"} if isinstance(kind, Text) else {"blob"} if isinstance(kind, LargeBinary) else {"real"}


def check_answers(engine: Engine, damaged: list[tuple[str, bytes]]) -> None:
    """Every body is there as it was received, the refused ones with their reasons."""
    kept = tables.answers.c
    with engine.connect() as connection:
        query = select(kept.request_id, kept.codec, kept.body, kept.refused).order_by(kept.request_id)
        refused = 0
        for (_, body), row in zip(damaged, connection.execute(query), strict=True):
            assert unpack(row.codec, row.body) == body
            refused += row.refused is not None
        states = dict(
            connection.execute(
                select(tables.requests.c.state, func.count()).group_by(tables.requests.c.state)
            ).all()
        )
    assert states == {"done": COUNT - refused, "quarantined": refused}
    assert COUNT / 10 < refused < COUNT / 2


def test_each_kind_of_answer_is_among_them(damaged):
    assert {kind for kind, _ in damaged} == set(KINDS)
