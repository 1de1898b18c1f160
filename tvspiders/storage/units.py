"""A unit of work: one answer with all that it produced."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tvspiders.items import Item, Thing

OLDER = "age"
"""Why an answer is refused that is older than what is stored; also the reason of the extra request
(``policies.request_budget``)."""

unit_committed = object()
"""Scrapy signal, sent with ``committed`` (a ``Committed``) for each unit once it is on disk."""


@dataclass(frozen=True)
class NewRequest:
    """A request as data: path, callback and arguments. Holds no credentials."""

    path: str
    """Path and query below the API's base URL."""
    callback: str
    """Name of the spider's method for the answer."""
    kwargs: str | None = None
    """Arguments of that method as JSON text."""
    priority: int = 0
    """Higher goes first."""
    depth: int = 0
    """Steps from a start request."""
    variant: str = ""
    """Tells apart two requests for the same path that are both wanted."""
    nearer: bool = False
    """Whether a later request for the same with a higher priority replaces priority and arguments, and is
    sent again if it was answered with the old ones."""
    row: Thing | None = None
    """The row of the list that named the thing: its page is requested only if the row shows a change."""
    extra: str | None = None
    """Why it is sent beyond the minimum (see ``policies.request_budget``); ``None`` for all that
    a faultless site would be sent, too."""
    left: bool = False
    """Whether the cap of extra requests leaves it for the next round."""

    @property
    def fingerprint(self) -> bytes:
        """16 bytes that are equal for equal requests."""
        return hashlib.blake2b(f"GET {self.path} {self.variant}".encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Answer:
    """An answer to keep: scrubbed of e-mail addresses and secrets, never with request headers."""

    status: int
    received_at: str
    body: bytes | None
    """``None`` if it may not be stored."""
    headers: dict[str, str] = field(default_factory=dict)
    """The few response headers that parsing needs."""
    refused: str | None = None
    """Why it could not be parsed; ``None`` for a good one."""
    scrubbed: bool = False
    """Whether anything was removed from the body."""

    @property
    def made_at(self) -> str:
        """When it was generated: the time of receipt, minus the ``Age`` of a cache."""
        age = self.headers.get("Age", "").strip()
        if not (age.isascii() and age.isdigit() and len(age) < 9) or int(age) == 0:
            return self.received_at
        made = datetime.fromisoformat(self.received_at) - timedelta(seconds=int(age))
        return made.isoformat(timespec="milliseconds")


@dataclass
class Unit:
    """A finished request with its answer, its items and its new requests."""

    request_id: int
    state: str = "done"
    """New state of the request; ``queued`` puts it back."""
    reason: str | None = None
    attempts: int = 0
    """Attempts so far, stored with the request."""
    priority: int | None = None
    """Priority of the request when it was handed out; if it rose since, it is sent again."""
    extra: str | None = None
    """Why it is sent again beyond the minimum, or was; ``None`` leaves what is stored."""
    due: float | None = None
    """For ``queued``: not before this moment of the monotonic clock."""
    answer: Answer | None = None
    raw_json: str | None = None
    """The answer as JSON text, for the row of a thing's own page."""
    fields: tuple[str, frozenset[tuple[str, int]]] | None = None
    """Endpoint and fields of the answer (``api.answer_fields``), where they are looked at."""
    items: list[Item] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    """Those of the items, in the same order, once these are in the register."""
    requests: list[NewRequest] = field(default_factory=list)
    told: list[Item] = field(default_factory=list)
    """Things and creators that rows tell of whose own pages are asked: written where nothing better is known,
    no items of the answer."""
    last: bool = False
    """For ``queued``: after everything else of the round."""
    others: list[Any] = field(default_factory=list)
    """A user's own items: for the feeds alone."""
    exported: dict[int, Any] = field(default_factory=dict)
    """What the pipelines made of an item, by its ``id()``: feeds write that."""


@dataclass(frozen=True)
class Spared:
    """Pages that need not be requested, as the rows of one answer show."""

    unchanged: int = 0
    """Things whose rows equal what is stored; one in several lists of the crawl counts once."""
    still_gone: frozenset[int] = frozenset()
    """Numbers of listed things that this spider found gone not long ago."""
    older: int = 0
    """Rows older than what is stored: only that the list names the thing is taken."""


NOTHING_SPARED = Spared()


@dataclass(frozen=True)
class Committed:
    """A unit that is on disk."""

    unit: Unit
    answer_id: int | None
    fresh: list[Item]
    """Items that this crawl had not seen with this content."""
    spared: Spared = NOTHING_SPARED
    """Pages that need not be requested, as its rows show."""
    new_things: int = 0
    """Things that were in no answer before, of any crawl."""
    snapshots: int = 0
    """Snapshots of counts."""


_SORTED = json.JSONEncoder(sort_keys=True)


def digest(item: Item) -> bytes:
    """Eight bytes that are equal for items of one key with equal content."""
    text = _SORTED.encode(item.content())
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def key_text(item: Item) -> str:
    """The item's key as text, unique within its kind."""
    return ">".join("" if part is None else str(part) for part in item.key)


def kind_of(item: Item) -> str:
    """The item's kind, as feeds and the register name it."""
    kind: str = item.kind  # type: ignore[attr-defined]
    return kind
