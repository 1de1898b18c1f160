"""Remove e-mail addresses from an answer; secrets are taken out before, see ``policies.security.redaction``.

A profile has carried real addresses in ``email`` (reported 2024; the key is
in the recordings of 2025), so the key goes before anything is written.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from tvspiders.api.document import raw_text

REMOVED = b"[removed]"
"""Replaces what is removed from a body."""


def scrub(document: Any) -> Any:
    """The same document without any key that speaks of an e-mail: ``email``, ``E-Mail``, ``work_email``."""
    if isinstance(document, dict):
        return {key: scrub(value) for key, value in document.items() if not _is_email(key)}
    if isinstance(document, list):
        return [scrub(value) for value in document]
    return document


def without_addresses(written: str | None) -> str | None:
    """What somebody wrote, with ``[removed]`` in the place of each e-mail address."""
    if written is None or not _MAYBE_ADDRESS.search(written):
        return written
    return _ADDRESS.sub(REMOVED, written.encode()).decode()


def scrub_bytes(body: bytes) -> tuple[bytes, bool]:
    """Clean a body that is not JSON, and say whether anything was removed.

    Removed are the values of e-mail keys (quoted or not, cut off or not), and all e-mail addresses.
    A cleaned body in UTF-16 or UTF-32 comes back in UTF-8.
    """
    readable = _as_utf8(body)
    cleaned = _EMAIL_VALUE.sub(rb"\1" + REMOVED, readable)
    cleaned = _ADDRESS.sub(REMOVED, cleaned)
    return (body, False) if cleaned == readable else (cleaned, True)


def scrub_answer(body: bytes, document: Any) -> tuple[bytes, Any, bool]:
    """Body and document (``None`` unless JSON) as they may be stored, and whether anything was removed."""
    if document is None:
        body, removed = scrub_bytes(body)
        return body, None, removed
    if not _may_hold_email(body):
        return body, document, False
    scrubbed = scrub(document)
    if scrubbed == document:
        return body, scrubbed, False
    return raw_text(scrubbed).encode(), scrubbed, True


def _may_hold_email(body: bytes) -> bool:
    """Whether a JSON body can have a key that speaks of an e-mail; spares most answers the search."""
    plain = body.lower().translate(None, b"-_ ")
    return b"email" in plain or (b"\\u00" in plain and _ESCAPED.search(plain) is not None)


@lru_cache(maxsize=4096)
def _is_email(key: str) -> bool:
    return "email" in key.casefold().replace("-", "").replace("_", "").replace(" ", "")


def _as_utf8(body: bytes) -> bytes:
    head = body[:64]
    if head.count(0) * 4 < len(head) and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body
    return body.decode(json.detect_encoding(body), "replace").encode("utf-8", "replace")


# the key as JSON (also inside a JSON text), HTML or a form writes it, then its value, quoted or bare, cut off
# or not
_EMAIL_VALUE = re.compile(
    rb"""(e[-_ ]?mail[\w-]{0,40}(?:\\*["']|&quot;)?\s{0,20}[:=]\s{0,20})(?!\[removed\])"""
    rb"""(?:"(?:[^"\\]|\\.)*+"?|'[^'<>]*+'?|&quot;(?:(?!&quot;).)*+(?:&quot;)?|[^\s,;&<>}\]]++)""",
    re.IGNORECASE | re.DOTALL,
)
# possessive, and tried only where a word begins, so that a long body costs linear time
_ADDRESS = re.compile(
    rb"(?<![\w.+\-\x80-\xff])[\w.+\-\x80-\xff]++(?:@|\\u0040|%40|&#64;|&#x40;)[\w.\-\x80-\xff]++",
    re.IGNORECASE,
)
_MAYBE_ADDRESS = re.compile(r"@|%40|\\u0040|&#(?:64|x40);", re.IGNORECASE)
"""One of the spellings of the sign in the middle; spares most texts the search."""
_ESCAPED = re.compile(rb"\\u00(?:[46][159cd]|2[0d]|5f)")
"""One of the letters, or of the signs within, of a key that is written with escapes, in lower case."""
