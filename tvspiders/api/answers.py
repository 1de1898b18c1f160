"""Classify a response by its status, headers and body together.

The limiter speaks plain text, the bot protection HTML, and a 200 may hold
``null``: no single sign is enough. HTML is never data, and never proof that
something is gone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from tvspiders.api.document import LIMITER, read_json
from tvspiders.api.headers import header, retry_after
from tvspiders.api.values import text
from tvspiders.errors import AnswerRefused
from tvspiders.items import Tombstone


class Verdict(Enum):
    """What an answer means for the request, the token and the way it took."""

    OK = "ok"
    """Usable JSON."""
    GONE = "gone"
    """Does not exist (any more); final for this subject."""
    HIDDEN = "hidden"
    """Private, moderated or unpublished; final for this subject."""
    FORBIDDEN = "forbidden"
    """The API itself says that this token may not."""
    UNAUTHORIZED = "unauthorized"
    """The token is not accepted (or the thing is unpublished: not decidable from one answer)."""
    LIMITED = "limited"
    """The token's window is used up; blames neither subject nor way."""
    BLOCKED = "blocked"
    """Something in front of the API turned us away; blames the way."""
    BROKEN = "broken"
    """No usable answer; ask again later."""
    BAD_REQUEST = "bad_request"
    """The API does not accept the question; asking again brings the same."""


@dataclass(frozen=True)
class Answer:
    """An answer that was read once: what it is, and what it says."""

    verdict: Verdict
    status: int
    document: Any = None
    """Decoded JSON, where the body was JSON (errors included)."""
    reason: str = ""
    """Stable short name of why it is not ``ok``: ``status-502``, ``html``, ``challenge`` …"""
    message: str = ""
    """What the site said, at most 200 characters on one line."""
    retry_after: int | None = None
    """Seconds the site asks to wait; at most a day."""


_HIDDEN = re.compile(r"has not been published|is private|is under moderation", re.IGNORECASE)
# Cloudflare's own 5xx pages and its script tags are no challenge, so they are not in this list
_CHALLENGE = re.compile(
    rb"<title>\s*(?:just a moment|attention required|access denied)|_cf_chl_opt|cf-browser-verification|"
    rb"cf-captcha-container|[gh]-captcha|verify (?:that )?you are (?:a )?human|error code: 10\d\d",
    re.IGNORECASE,
)
_SEEN_BYTES = 65_536


def read(status: int, headers: Mapping[str, str], body: bytes, now: datetime | None = None) -> Answer:
    """Decode and classify an answer. Never raises.

    ``now`` is only used for a ``Retry-After`` date in an answer without ``Date``.
    """
    document, refusal = None, ""
    try:
        document = read_json(body)
    except AnswerRefused as error:
        refusal = error.reason
    message = _message(document, headers)
    verdict, reason = _judge(status, headers, body, document, refusal, message)
    if verdict is Verdict.LIMITED and not message:
        message = _short(body[:800].decode("utf-8", "replace")) if refusal != "html" else ""
    return Answer(verdict, status, document, reason, message, retry_after(headers, now))


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Only the verdict of :func:`read`."""
    return read(status, headers, body).verdict


def as_hidden(answer: Answer) -> Answer:
    """A refusal that was met often enough to say: this subject is hidden."""
    return replace(answer, verdict=Verdict.HIDDEN, reason="hidden")


def tombstone(answer: Answer, subject: str, subject_id: int | str) -> Tombstone:
    """Remember that a ``thing``, ``user``, ``collection`` or ``list`` is gone or hidden.

    Raises:
        ValueError: when the answer does not prove that.

    """
    if answer.verdict not in (Verdict.GONE, Verdict.HIDDEN):
        raise ValueError(f"a {answer.verdict.value} answer proves nothing about {subject} {subject_id}")
    return Tombstone(
        subject=subject,
        subject_id=str(subject_id),
        reason=answer.verdict.value,
        status=answer.status,
        message=answer.message,
    )


def _judge(
    status: int, headers: Mapping[str, str], body: bytes, document: Any, refusal: str, message: str
) -> tuple[Verdict, str]:
    if status == 429 or refusal == "limiter" or message.startswith(LIMITER):
        return Verdict.LIMITED, "limiter" if status != 429 else "status-429"
    if _is_challenge(headers, body, refusal):
        return Verdict.BLOCKED, "challenge"
    if 200 <= status < 300:
        return _judge_success(status, document, refusal)
    says_error = isinstance(document, dict) and "error" in document
    if status == 401:
        # a proxy or portal that answers in HTML must not cost us the token
        return (Verdict.BLOCKED, "html") if refusal == "html" else (Verdict.UNAUTHORIZED, "status-401")
    if status == 403 and not isinstance(document, dict):
        return Verdict.BLOCKED, refusal or "shape"
    if status in (403, 451) and isinstance(document, dict):
        hidden = _HIDDEN.search(message)
        return (Verdict.HIDDEN, "hidden") if hidden else (Verdict.FORBIDDEN, f"status-{status}")
    if status in (404, 410):
        # ``{}`` is what one guide names; a gateway's own JSON has other keys and proves nothing
        if says_error or document == {}:
            return Verdict.GONE, "gone"
        return Verdict.BROKEN, f"status-{status}"
    if status == 407:
        return Verdict.BLOCKED, "status-407"
    if 400 <= status < 500 and isinstance(document, dict) and status not in (408, 425):
        return Verdict.BAD_REQUEST, f"status-{status}"
    return Verdict.BROKEN, f"status-{status}"


def _judge_success(status: int, document: Any, refusal: str) -> tuple[Verdict, str]:
    if refusal:
        return Verdict.BROKEN, refusal
    if status == 206:
        return Verdict.BROKEN, "status-206"
    if not isinstance(document, dict | list):
        return Verdict.BROKEN, "shape"
    if isinstance(document, dict) and "error" in document and not {"id", "hits"} & document.keys():
        return Verdict.BROKEN, "error"
    return Verdict.OK, ""


def _is_challenge(headers: Mapping[str, str], body: bytes, refusal: str) -> bool:
    if (header(headers, "cf-mitigated") or "").strip().lower() == "challenge":
        return True
    return refusal in ("html", "not-json", "not-text") and bool(_CHALLENGE.search(body[:_SEEN_BYTES]))


def _message(document: Any, headers: Mapping[str, str]) -> str:
    """The error text; old clients read the header ``X-Error`` first (not in any recording of 2025)."""
    said = text(document.get("error") if isinstance(document, dict) else document)
    return _short(said or header(headers, "x-error") or "")


def _short(said: str) -> str:
    return " ".join(said[:800].split())[:200]
