"""Order events, as Thingiverse posts them to an app's webhook: ``{"event": NAME, "order": {…}}``.

The platform signs nothing and promises no order of arrival, so an event is only
a claim, and an order is always built from *all* events that came for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tvspiders.api.document import raw_text, read_json
from tvspiders.api.scrubbing import scrub
from tvspiders.api.values import flag, identity, label, moment, text
from tvspiders.errors import AnswerRefused

STATES = {"order_created": "created", "refund_requested": "refund_requested", "order_refunded": "refunded"}
"""Documented event -> what the order is afterwards; later entries are further on."""
PING = "ping"
"""The event without an order, by which the platform tries an address."""
REDACTED = "[redacted]"
"""Replaces every value that is not known to be harmless."""

_TEXTS = frozenset({"event", "status", "note", "currency", "amount", "total", "quantity", "is_shipped"})
"""Fields of an event and of its order that are kept, as far as they hold plain values."""
_NUMBERS = frozenset({"id", "order_id", "thing_id", "number"})
_MONEY = frozenset({"charges", "fees"})
"""Parts of an order that hold amounts under names of their own."""
_MONEY_TEXTS = frozenset({"name", "type", "currency", "amount", "total", "quantity", "percent", "rate"})
_PRIVATE = re.compile("address|phone")
_BORN = re.compile("birth|born|dob")
_AMOUNT = re.compile(r"[+-]?[^\W\d]{0,3}[$€£]? ?\d{1,9}[.,]\d{1,4}(?: ?(?:%|[$€£]|[A-Z]{3}))?")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,49}")
_EMAIL = re.compile(r"[^\s@＠<>\"'(),:;]+[@＠][^\s@＠<>\"'(),:;]+")
_DIGITS = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){6,}")
"""Seven digits or more in a row: a telephone number, most of the time."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_NO_COMMA = re.compile(rb'^(\s*\{\s*"event"\s*:\s*"[^"\\\\]{1,255}")(\s*")')
_RANK = {event: rank for rank, event in enumerate(STATES, 1)}
_YES_NO = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}


@dataclass(frozen=True)
class OrderEvent:
    """One event, ready to be stored."""

    key: str
    """Equal for deliveries of the same event: one for each order and event."""
    event: str
    """Its name, also one that is not documented."""
    order_id: int | None
    """The site's number of the order; ``None`` for a ping and for unknown events without one."""
    payload: str
    """The body as JSON text on one line, without what may be about a person."""


def read_event(body: bytes, keep_addresses: bool = False) -> OrderEvent:
    """Parse the body of one delivery; by default only fields known to be harmless are kept.

    E-mail addresses are never kept, in no text.

    The examples of the official page lack the comma behind the event's name: such a body is read as if
    it were there.

    Raises:
        AnswerRefused: for a body that is not JSON, no event, or a documented event
            without an order's number. Unknown events are accepted with and without order.

    """
    try:
        document = read_json(body)
    except AnswerRefused:
        mended = _NO_COMMA.sub(rb"\1,\2", body, count=1)
        if mended == body:
            raise
        document = read_json(mended)
    if not isinstance(document, dict):
        raise AnswerRefused("shape", "a map was expected")
    event = label(document.get("event"))
    if event is None or not isinstance(document["event"], str):
        raise AnswerRefused("no-event")
    event = _EMAIL.sub(REDACTED, event)
    order = document.get("order")
    order_id = identity(order.get("id")) if isinstance(order, dict) and event != PING else None
    if event in STATES and order_id is None:
        raise AnswerRefused("no-id", "the order has no number")
    kept = scrub(document)
    payload = raw_text(_without_email(kept) if keep_addresses else _redacted(kept))
    if order_id is not None:
        key = f"{order_id}:{event}"
    elif event == PING:
        key = PING
    else:
        # of all that came: two events may differ in what is redacted
        key = f"{event}:{hashlib.sha256(raw_text(kept).encode()).hexdigest()}"
    return OrderEvent(key, event, order_id, payload)


def order_row(order_id: int, events: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What all events of an order, as pairs of name and payload, say of it together.

    The furthest event wins, field by field; what it leaves out is taken from the
    earlier ones. So the result does not depend on the order of arrival. Amounts are
    text, exactly as the site writes them; ``dates`` holds every date of the order by
    its name; a field that no event gave is ``None``.
    """
    row: dict[str, Any] = dict.fromkeys(_FIELDS) | {"id": order_id}
    dates: dict[str, str] = {}
    for event, payload in sorted(events, key=lambda pair: _RANK.get(pair[0], 0)):
        order = json.loads(payload)["order"]
        found = {name: read(order.get(name)) for name, read in _FIELDS.items()}
        row |= {name: value for name, value in found.items() if value is not None}
        row["state"] = STATES.get(event) or row.get("state")
        dates |= {
            str(name): moment(value) or ""
            for name, value in order.items()
            if isinstance(value, str) and _DATE.fullmatch(value) and moment(value)
        }
    row["dates"] = raw_text(dates) if dates else None
    return row


def _redacted(document: Any, key: str = "", inside: str = "") -> Any:
    """The same document with a mark in the place of every value that is not known to be harmless.

    ``key`` is the name of the value, ``inside`` what holds it: the order, its charges, or something else.
    """
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
        # names of fees are free, so what has an unknown name must look like an amount
        return key in _MONEY_TEXTS or isinstance(value, float) or bool(_AMOUNT.fullmatch(str(value)))
    if inside not in ("event", "order"):
        return False
    if isinstance(value, str) and _DATE.fullmatch(value):
        return not _BORN.search(key.casefold())
    if key in _NUMBERS:
        return identity(value) is not None
    return key in _TEXTS or (key in _MONEY and bool(_AMOUNT.fullmatch(str(value))))


def _masked(value: str | float) -> str | float:
    """A text without e-mail addresses and telephone numbers."""
    if not isinstance(value, str) or _DATE.fullmatch(value):
        return value
    return _DIGITS.sub(REDACTED, _EMAIL.sub(REDACTED, value))


def _without_email(document: Any) -> Any:
    if isinstance(document, dict):
        return {_EMAIL.sub(REDACTED, name): _without_email(value) for name, value in document.items()}
    if isinstance(document, list):
        return [_without_email(value) for value in document]
    return _EMAIL.sub(REDACTED, document) if isinstance(document, str) else document


def _yes_or_no(value: Any) -> bool | None:
    """``is_shipped`` is documented as text."""
    found = flag(value)
    return _YES_NO.get(value.strip().casefold()) if found is None and isinstance(value, str) else found


def _part(value: Any) -> str | None:
    """A part of the order that may be a map, a list or a plain value, as text."""
    if value is None or value == REDACTED:
        return None
    return raw_text(value) if isinstance(value, dict | list) else text(value)


_FIELDS = {
    "thing_id": identity,
    "amount": text,
    "status": text,
    "is_shipped": _yes_or_no,
    "note": text,
    "charges": _part,
    "fees": _part,
    "address": _part,
}
