"""Keep of each header only what is read from it, and take out of old messages what looks like a token.

Older versions stored headers as they came, and an answer may have echoed a token there, or in its error.
Which tokens were in use then is not known, so whatever could be one goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Change = Callable[[str], str | None]
_AT_A_TIME = 1000
_LINK = re.compile(r"<[^<>?]*\??([^<>]*)>((?:\s*;\s*\w+\*?\s*=\s*(?:\"[^\"]*\"|[^\",;\s]*))*)")
_REL = re.compile(r";\s*rel\s*=\s*\"?([^\";,]*)\"?", re.IGNORECASE)
_PAGE = re.compile(r"(?:^|&)page=0*([1-9][0-9]{0,17})(?=&|$)")
_PLAIN = {
    "Content-Type": re.compile(
        r"(?:application/json|text/(?:html|plain))(?:; ?charset=utf-8)?", re.IGNORECASE
    ),
    "Total-Count": re.compile(r"[0-9]{1,12}"),
    "Age": re.compile(r"[0-9]{1,12}"),
    "Retry-After": re.compile(r"[0-9.]{1,12}"),
    "Date": re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"),
    "Cache-Control": re.compile(
        r"(?:(?:max-age|s-maxage)=[0-9]{1,9}|private|public|no-cache|no-store|must-revalidate|, *)+"
    ),
}
"""Values that are kept as they are."""
_LIKE_A_TOKEN = re.compile(r"(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[\w-]{20,}", re.ASCII)


def upgrade() -> None:
    """Bring the schema to this version."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":  # what is overwritten is not left in the file
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    _rewrite(connection, "answers", ("id",), "headers", _kept)
    _rewrite(connection, "requests", ("id",), "reason", _without_tokens)
    _rewrite(connection, "tombstones", ("subject", "subject_id"), "message", _without_tokens)
    _rewrite(connection, "likes_sent", ("user_id", "thing_id"), "message", _without_tokens)


def downgrade() -> None:
    """Bring the schema back to the version before; what went does not come back."""


def _rewrite(
    connection: sa.Connection,
    name: str,
    keys: tuple[str, ...],
    column: str,
    change: Callable[[str], str | None],
) -> None:
    table = sa.table(name, *(sa.column(key) for key in (*keys, column)))
    order = [table.c[key] for key in keys]
    last: tuple[Any, ...] | None = None
    while True:
        query = sa.select(*order, table.c[column]).where(table.c[column].is_not(None)).order_by(*order)
        if last is not None:
            query = query.where(sa.tuple_(*order) > sa.tuple_(*(sa.literal(value) for value in last)))
        rows = connection.execute(query.limit(_AT_A_TIME)).all()
        if not rows:
            return
        for *key, value in rows:
            if (changed := change(value)) != value:
                where = (one == given for one, given in zip(order, key, strict=True))
                connection.execute(table.update().where(*where).values({column: changed}))
        last = tuple(rows[-1][:-1])


def _kept(headers: str) -> str | None:
    try:
        given = json.loads(headers)
    except ValueError:
        return None
    kept = {}
    for name, value in given.items() if isinstance(given, dict) else ():
        if name == "Link":
            kept[name] = _links(str(value))
        elif name in _PLAIN and _PLAIN[name].fullmatch(str(value).strip()):
            kept[name] = str(value).strip()
    kept = {name: value for name, value in kept.items() if value}
    return json.dumps(kept) if kept else None


def _links(value: str) -> str:
    found = []
    for query, parameters in _LINK.findall(value):
        relation, pages = _REL.search(parameters), _PAGE.findall(query)
        names = relation[1].lower().split() if relation else ()
        address = f"<?page={pages[-1]}>" if pages else "<>"
        found += [f'{address}; rel="{name}"' for name in names if name in ("first", "prev", "next", "last")]
    return ", ".join(found)


def _without_tokens(message: str) -> str:
    return _LIKE_A_TOKEN.sub("[removed]", message)
