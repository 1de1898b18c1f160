"""Remove a person from texts of others, answers, requests and arguments of crawls."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Table, Text, and_, delete, select, update
from sqlalchemy.exc import IntegrityError

from tvspiders.storage import tables
from tvspiders.storage.answer_codec import pack, unpack
from tvspiders.storage.forgetting.scope import CHUNK, Forgetting, chunks
from tvspiders.storage.people.forgotten import REMOVED, ThingsOf
from tvspiders.storage.people.leave_out import LISTS_OF_TEXTS, names_somebody
from tvspiders.storage.people.without_person import clean_body, clean_document, clean_json, subject_of
from tvspiders.storage.person_marks import WRITTEN, marked
from tvspiders.storage.queue.crawls import crawl_identity

JSON_COLUMNS = frozenset({"raw_json", "kwargs", "arguments", "headers", "payload", "tags"})


def clean_texts(work: Forgetting) -> None:
    """Remove the names from every column that may contain one."""
    _clean_answers(work)
    _clean_pages(work)
    for table in tables.metadata.sorted_tables:
        for name in marked(table, *WRITTEN, "mentions", "subject"):
            if isinstance(table.c[name].type, Text):
                _clean_column(work, table, name)


def _clean_answers(work: Forgetting) -> None:
    """In batches: all bodies together may be larger than memory."""
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
    """Delete pages that contain a name: their picture shows it as well."""
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


NOBODY = "forgotten"
"""In the place of a user's name where an address or an argument must have one."""
OPEN = ("queued", "leased", "parked", "quarantined")
"""States of requests that may still be sent."""
_OF_THINGS = ("thing", "file", "image", "thing_category", "page_snapshot", "collection_member")
_TEXTS_OF_THINGS = ("file", "image", "page_snapshot")


def forget_in_ledger(work: Forgetting) -> None:
    """Clean the ledger so that it stays consistent: sent requests stay rows, open ones are dropped."""
    _forget_register(work)
    _forget_requests(work)
    _forget_crawls(work)


def _forget_register(work: Forgetting) -> None:
    item = tables.crawl_items.c
    things, collections = ({str(number) for number in found} for found in (work.things, work.collections))
    users = set(work.spellings)

    def is_theirs(kind: str, key: str) -> bool:
        """Keys have numbers and names with ``>`` between (``units.key_text``)."""
        parts = key.split(">")
        if kind in ("creator", "like", "follow", "list", "tombstone"):
            place = {"list": parts[1:2], "tombstone": parts[1:2], "follow": parts, "like": parts[:1]}
            of_user = kind not in ("list", "tombstone") or parts[0] == "user"
            named = parts[:1] if parts[0] else parts[1:2]
            return of_user and any(part.casefold() in users for part in place.get(kind, named))
        if kind in ("collection", "collection_member") and parts[0] in collections:
            return True
        kinds = _OF_THINGS if work.policy == "delete" else _TEXTS_OF_THINGS
        of_thing = parts[1:2] if kind == "collection_member" else parts[:1]
        return (kind, key) in work.keys or (kind in kinds and any(part in things for part in of_thing))

    query = select(item.crawl_id, item.kind, item.key)
    found = [row for row in work.stream(query) if is_theirs(row.kind, row.key)]
    for row in found:
        key = and_(item.crawl_id == row.crawl_id, item.kind == row.kind, item.key == row.key)
        work.delete(tables.crawl_items, key)


def _forget_requests(work: Forgetting) -> None:
    """Blank path and answer of sent requests; the rows stay and count."""
    request, answer = tables.requests.c, tables.answers
    things: dict[int, ThingsOf] = dict.fromkeys(work.things, work.policy)
    theirs = {("collection", str(number)) for number in work.collections}
    texts = {("thing", str(number)) for number in work.things}
    dropped: list[int] = []
    renamed: list[tuple[int, str]] = []
    emptied: list[int] = []
    for row in work.stream(select(request.id, request.path, request.kwargs, request.state)):
        subject = subject_of(row.path)
        kind = subject[0]
        named = names_somebody(row.path, row.kwargs, work.people, things)
        in_path = named and (kind == "user" or work.people.redact(row.path) != row.path)
        about = subject in theirs or in_path
        if row.state in OPEN and (about or (named and kind == "thing")):
            dropped.append(row.id)
            continue
        if about:
            renamed.append((row.id, f"/{kind}s/{NOBODY}" if kind else f"/{NOBODY}"))
        only_texts = row.path.partition("?")[0].rpartition("/")[2] in LISTS_OF_TEXTS
        if about or (named and kind == "thing") or (only_texts and subject in texts):
            emptied.append(row.id)
    for ids in chunks(dropped):
        work.delete(answer, answer.c.request_id.in_(ids))
        work.delete(tables.requests, request.id.in_(ids))
    for ids in chunks(emptied):
        work.blank(answer, answer.c.request_id.in_(ids), marked(answer, "mentions"))
    for number, path in renamed:
        values = {"path": path, "kwargs": None, "fingerprint": secrets.token_bytes(16)}
        work.connection.execute(update(tables.requests).where(request.id == number).values(values))
    work.blanked["requests"] += len(renamed)


def _forget_crawls(work: Forgetting) -> None:
    """Arguments lose the person; the crawl goes on with the command that does not name them either."""
    crawl = tables.crawls.c
    rows = work.connection.execute(select(tables.crawls).order_by(crawl.id)).mappings().all()
    taken = {row["identity"] for row in rows}
    identities: dict[str, str] = {}
    for row in rows:
        arguments, name = json.loads(row["arguments"]), row["name"]
        cleaned = _arguments(work, arguments)
        new_name = None if name is None else work.people.redact(name)
        if (cleaned, new_name) == (arguments, name):
            continue
        identity = crawl_identity(row["spider"], cleaned, new_name)
        if NOBODY in json.dumps(cleaned) or identity in taken:  # no command leads there
            identity = secrets.token_hex(10)
        identity = identities.setdefault(row["identity"], identity)
        text = json.dumps(cleaned, sort_keys=True, ensure_ascii=False)
        values = {"arguments": text, "identity": identity, "name": new_name}
        work.connection.execute(update(tables.crawls).where(crawl.id == row["id"]).values(values))
        work.blanked["crawls"] += 1
    work.identities = list(identities)


def _arguments(work: Forgetting, arguments: Mapping[str, Any]) -> Any:
    given = dict(arguments)
    users = given.get("username")
    if isinstance(users, list):
        given["username"] = [user for user in users if not work.people.names(str(user))] or [NOBODY]
    return json.loads(json.dumps(clean_document(given, work.people)).replace(REMOVED, NOBODY))
