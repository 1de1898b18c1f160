"""Note when things were told of, and keep of old orders only what is known to be harmless.

Older versions kept whole orders, less e-mail fields and, unless addresses were wanted, whatever stood under
a key that speaks of an address: names, streets under other names, and numbers of buyers stayed. Such an event
is reduced as it would be today. One that holds an address was stored by somebody who keeps addresses
(``scrapy webhooks --keep-addresses``); as today, it loses e-mail addresses in texts alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

REDACTED = "[redacted]"
_PARTS = ("note", "amount", "status", "charges", "fees", "address")
_TEXTS = frozenset({"event", "status", "note", "currency", "amount", "total", "quantity", "is_shipped"})
_NUMBERS = frozenset({"id", "order_id", "thing_id", "number"})
_MONEY = frozenset({"charges", "fees"})
_MONEY_TEXTS = frozenset({"name", "type", "currency", "amount", "total", "quantity", "percent", "rate"})
_PRIVATE = re.compile("address|phone")
_BORN = re.compile("birth|born|dob", re.IGNORECASE)
_AMOUNT = re.compile(r"[+-]?[^\W\d]{0,3}[$€£]? ?\d{1,9}[.,]\d{1,4}(?: ?(?:%|[$€£]|[A-Z]{3}))?")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,49}")
_EMAIL = re.compile(r"[^\s@＠<>\"'(),:;]+[@＠][^\s@＠<>\"'(),:;]+")
_DIGITS = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){6,}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_EVENTS = sa.table("order_events", *map(sa.column, ("key", "order_id", "event", "payload")))
_ORDERS = sa.table("orders", *map(sa.column, ("id", "dates", *_PARTS)))


def upgrade() -> None:
    """Bring the schema to this version."""
    op.add_column("things", sa.Column("told_at", sa.Text(), nullable=True))
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":  # what is overwritten is not left in the file
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    with_address = set(_reduce_events(connection))
    for row in connection.execute(sa.select(_ORDERS)).mappings().all():
        values = _without_email_in(row) if row["id"] in with_address else _reduced_order(row)
        if any(row[name] != value for name, value in values.items()):
            connection.execute(_ORDERS.update().where(_ORDERS.c.id == row["id"]).values(values))


def downgrade() -> None:
    """Bring the schema back to the version before; what went does not come back."""
    op.drop_column("things", "told_at")


def _reduce_events(connection: sa.Connection) -> Iterator[int]:
    """Rewrite the payloads; gives the numbers of the orders whose addresses are kept."""
    rows = connection.execute(sa.select(_EVENTS)).mappings().all()
    taken = {row["key"] for row in rows}
    for number, row in enumerate(rows):
        try:
            document = json.loads(row["payload"])
        except ValueError:
            document = {"event": row["event"], "order": {"id": row["order_id"]}}
        keeps = _holds_an_address(document)
        if keeps and row["order_id"] is not None:
            yield row["order_id"]
        reduced = _each_text(document, _without_email) if keeps else _redacted(document)
        values = {"payload": row["payload"] if reduced == document else _text(reduced)}
        for name in ("event", "key"):
            if (found := _without_email(row[name])) != row[name]:
                values[name] = f"{found} {number}" if name == "event" or found in taken else found
        if any(row[name] != value for name, value in values.items()):
            connection.execute(_EVENTS.update().where(_EVENTS.c.key == row["key"]).values(values))


def _holds_an_address(value: Any, key: str = "") -> bool:
    if _PRIVATE.search(key.casefold()) and value not in (None, REDACTED):
        return True
    if isinstance(value, dict):
        return any(_holds_an_address(part, name) for name, part in value.items())
    return isinstance(value, list) and any(_holds_an_address(part) for part in value)


def _without_email_in(row: Any) -> dict[str, str | None]:
    return {name: row[name] and _without_email(row[name]) for name in _PARTS}


def _reduced_order(row: Any) -> dict[str, str | None]:
    values: dict[str, str | None] = {
        name: row[name] and str(_masked(row[name])) for name in ("note", "amount", "status")
    }
    for name in _MONEY:
        value = row[name]
        try:
            parts = json.loads(value) if value else None
        except ValueError:
            parts = None
        if isinstance(parts, dict | list):
            values[name] = _text(_redacted(parts, name, "order"))
        else:
            values[name] = value if value and _AMOUNT.fullmatch(value) else None
    dates = json.loads(row["dates"]) if row["dates"] else {}
    kept = {name: at for name, at in dates.items() if _KEY.fullmatch(name) and not _BORN.search(name)}
    return values | {"dates": row["dates"] if kept == dates else _text(kept), "address": None}


def _redacted(document: Any, key: str = "", inside: str = "") -> Any:
    if document is None or isinstance(document, bool):
        return document
    if isinstance(document, list):
        return [_redacted(value, key, inside) for value in document]
    if isinstance(document, dict):
        if _PRIVATE.search(key.casefold()):
            return REDACTED
        place = "money" if inside == "money" or (inside == "order" and key in _MONEY) else key or "event"
        return {
            name if _KEY.fullmatch(name) else REDACTED: _redacted(value, name, place)
            for name, value in document.items()
        }
    return _masked(document) if _is_harmless(document, key, inside) else REDACTED


def _is_harmless(value: str | float, key: str, inside: str) -> bool:
    if inside == "money":
        return key in _MONEY_TEXTS or isinstance(value, float) or bool(_AMOUNT.fullmatch(str(value)))
    if inside not in ("event", "order"):
        return False
    if isinstance(value, str) and _DATE.fullmatch(value):
        return not _BORN.search(key)
    if key in _NUMBERS:
        return str(value).isascii() and str(value).isdigit()
    return key in _TEXTS or (key in _MONEY and bool(_AMOUNT.fullmatch(str(value))))


def _masked(value: str | float) -> str | float:
    if not isinstance(value, str) or _DATE.fullmatch(value):
        return value
    return _DIGITS.sub(REDACTED, _without_email(value))


def _without_email(text: str) -> str:
    return _EMAIL.sub(REDACTED, text)


def _each_text(document: Any, change: Callable[[str], str]) -> Any:
    if isinstance(document, dict):
        return {change(name): _each_text(value, change) for name, value in document.items()}
    if isinstance(document, list):
        return [_each_text(value, change) for value in document]
    return change(document) if isinstance(document, str) else document


def _text(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
