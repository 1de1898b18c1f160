"""Names of a person who is forgotten, in what others wrote and in answers about others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Table, Text, and_, delete, select, update
from sqlalchemy.exc import IntegrityError

from tvspiders.storage import tables
from tvspiders.storage.answer_codec import pack, unpack
from tvspiders.storage.forgetting.scope import CHUNK, Forgetting
from tvspiders.storage.people.without_person import clean_body, clean_json
from tvspiders.storage.person_marks import WRITTEN, marked

JSON_COLUMNS = frozenset({"raw_json", "kwargs", "arguments", "headers", "payload", "tags"})


def clean_texts(work: Forgetting) -> None:
    """Take the names out of every column that may hold one."""
    _clean_answers(work)
    _clean_pages(work)
    for table in tables.metadata.sorted_tables:
        for name in marked(table, *WRITTEN, "mentions", "subject"):
            if isinstance(table.c[name].type, Text):
                _clean_column(work, table, name)


def _clean_answers(work: Forgetting) -> None:
    """Some bodies at a time: together they may be larger than memory."""
    answer, last = tables.answers.c, 0
    some = select(answer.id, answer.codec, answer.body).where(answer.body.is_not(None)).order_by(answer.id)
    while rows := work.connection.execute(some.where(answer.id > last).limit(CHUNK)).all():
        last = rows[-1].id
        for row in rows:
            body = unpack(row.codec, row.body)
            found = clean_body(body, work.people)
            if found == body:
                continue
            values: dict[str, Any] = {"body": None}
            if found is not None:
                values["codec"], values["body"] = pack(found)
            work.connection.execute(update(tables.answers).where(answer.id == row.id).values(values))
            work.blanked["answers"] += 1


def _clean_pages(work: Forgetting) -> None:
    """A page that names somebody goes as a whole: its picture shows the name as well."""
    page = tables.page_snapshots.c
    query = select(page.thing_id, page.taken_at, page.codec, page.html).where(page.html.is_not(None))
    found = []
    for row in work.stream(query):
        text = unpack(row.codec, row.html).decode("utf-8", "replace")
        if work.people.redact(text) != text:
            found.append(and_(page.thing_id == row.thing_id, page.taken_at == row.taken_at))
    for where in found:
        work.delete(tables.page_snapshots, where)


def _clean_column(work: Forgetting, table: Table, name: str) -> None:
    key = list(table.primary_key.columns)
    query = select(*(column.label(f"key_{column.name}") for column in key), table.c[name].label("said"))
    clean: Callable[[str], str | None] = work.people.redact
    if name in JSON_COLUMNS:
        clean = partial(clean_json, people=work.people)
    changes = []
    for row in work.stream(query.where(table.c[name].is_not(None))):
        if (found := clean(row.said)) != row.said:
            changes.append(([column == value for column, value in zip(key, row, strict=False)], found))
    for where, found in changes:
        try:
            with work.connection.begin_nested():
                work.connection.execute(update(table).where(*where).values({name: found}))
        except IntegrityError:  # another row has the key that is left, or the column may not be empty
            work.connection.execute(delete(table).where(*where))
    work.blanked[table.name] += len(changes)
