"""Public pages of things: their addresses, and parsing their renderings.

A rendering is a map of our own, made where Splash is asked: ``thing_id``, ``asked`` and ``url`` (the address
that was asked, and where it led), ``status``, ``mitigated`` (a header of the bot protection), ``taken_at``,
``title``, ``html`` and ``png`` (base64).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import urlsplit

from tvspiders.api.urls import thing
from tvspiders.api.values import identity, integer, moment, text
from tvspiders.errors import AnswerRefused
from tvspiders.items import PageSnapshot

PREFIX = "/_page/"
"""Path prefix of pages to render in the ledger; never requested from the API."""
SITE_HOSTS = ("www.thingiverse.com", "thingiverse.com")
PNG = b"\x89PNG\r\n\x1a\n"

_TITLE = re.compile(
    r"\s*(?:just a moment|attention required|access denied|verify you are human)", re.IGNORECASE
)
# what the protection's own scripts leave behind; the words of a challenge may stand in any description
_MARKS = re.compile(
    r"_cf_chl_opt|cf-browser-verification|cf-captcha-container|/cdn-cgi/challenge-platform/h/"
)


def rendering(thing_id: int) -> str:
    """The path under which the ledger holds the page of a thing."""
    return PREFIX + thing(thing_id).rpartition("/")[2]


def thing_of(path: str) -> int | None:
    """The thing of such a path; ``None`` for any other."""
    return identity(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None


def public_path(address: str | None, thing_id: int) -> str | None:
    """Path of a thing's public page from its ``public_url``; ``None`` when that is no page of this thing.

    >>> public_path("http://www.thingiverse.com/thing:763622", 763622)
    '/thing:763622'
    """
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    expected = f"/thing:{thing_id}"
    known = parts.scheme in ("http", "https") and parts.hostname in SITE_HOSTS
    return expected if known and parts.path.rstrip("/") == expected else None


def outcome(document: dict[str, Any]) -> str:
    """Outcome of a rendering: see ``PageSnapshot.outcome``."""
    status, html = integer(document.get("status")), str(document.get("html") or "")
    if str(document.get("mitigated") or "").strip().lower() == "challenge" or status in (401, 403, 429):
        return "blocked"
    if _TITLE.match(str(document.get("title") or "")) or _MARKS.search(html):
        return "blocked"
    if _host(document.get("url")) != _host(document.get("asked")):
        return "elsewhere"
    if status in (404, 410):
        return "missing"
    return "stored" if status is None or 200 <= status < 300 else "failed"


def snapshot(document: Any, thing_id: int, license: str | None) -> PageSnapshot:  # noqa: A002
    """The item of a rendering; the page itself is held only where it is the page of the thing.

    Raises:
        AnswerRefused: ``shape``, ``wrong-id``, ``no-time`` or ``no-picture``.

    """
    if not isinstance(document, dict) or not isinstance(document.get("html"), str):
        raise AnswerRefused("shape", "no rendering")
    if identity(document.get("thing_id")) != thing_id:
        raise AnswerRefused("wrong-id", f"asked for {thing_id}, got {document.get('thing_id')}")
    taken_at = moment(document.get("taken_at"))
    if taken_at is None:
        raise AnswerRefused("no-time")
    item = PageSnapshot(
        thing_id=thing_id,
        taken_at=taken_at,
        outcome=outcome(document),
        status=integer(document.get("status")),
        url=text(document.get("asked")),
        license=license,
        title=text(document.get("title")),
    )
    if item.outcome == "stored":
        try:
            png = base64.b64decode(str(document.get("png") or ""), validate=True)
        except (binascii.Error, ValueError):
            png = b""
        if not png.startswith(PNG):
            raise AnswerRefused("no-picture")
        item.hold(document["html"].encode("utf-8", "replace"), png)
    return item


def _host(address: Any) -> str | None:
    try:
        return urlsplit(str(address or "")).hostname
    except ValueError:
        return None
