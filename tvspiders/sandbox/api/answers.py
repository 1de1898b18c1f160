"""HTTP responses: status, body and the recorded headers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

LIMITER_TEXT = (
    "You can only send 300 requests per 5 minutes. "
    "Please check https://www.thingiverse.com/developers/getting-started"
)
"""113 bytes, always these, whatever the quota really is: that is how it was recorded."""

CHALLENGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head>'
    "<body><h1>Checking your browser</h1><p>Enable JavaScript and cookies to continue</p></body></html>"
)

_JSON = "application/json; charset=utf-8"

COMMON: dict[str, str] = {
    "Vary": "Accept-Encoding, Authorization,Cookie",
    "Content-Security-Policy": "frame-ancestors *.makerbot.com *.thingiverse.com *.mbot.me *.onshape.com "
    "*.makerbot.local *.thingiverse.local;",
    "Access-Control-Max-Age": "604800",
    "Access-Control-Allow-Headers": "Authorization, Referer, Content-Type, User-Agent, Accept",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE",
    "Access-Control-Allow-Origin": "*",
    "CF-Cache-Status": "DYNAMIC",
    "Speculation-Rules": '"/cdn-cgi/speculation"',
    "Server": "cloudflare",
    "Alt-Svc": 'h3=":443"; ma=86400',
}
"""Headers that every recording of 2025 carries."""

COOKIES = (
    "__cf_bm=sandbox-bm; path=/; HttpOnly; Secure; SameSite=None",
    "_cfuvid=sandbox-uvid; path=/; HttpOnly; Secure; SameSite=None",
)
"""Cookies of every response of 2025; clients need not return them."""

NO_STORE = {
    "Vary": "Authorization,Cookie",
    "Expires": "Thu, 19 Nov 1981 08:52:00 GMT",
    "Cache-Control": "no-store, no-cache, must-revalidate",
}

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(slots=True)
class Answer:
    """One answer, before compression."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = _JSON


def ok(value: Any, *, max_age: int = 3600, headers: dict[str, str] | None = None) -> Answer:
    """200 with JSON, to be kept for ``max_age`` seconds."""
    expires = datetime.now(UTC) + timedelta(seconds=max_age)
    found = {"Cache-Control": f"max-age={max_age}", "Expires": f"{expires:%a, %d %b %Y %H:%M:%S} +0000"}
    return Answer(200, _encode(value).encode(), found | (headers or {}))


def error(status: int, message: str) -> Answer:
    """An error of the API's own: ``{"error": message}``."""
    return Answer(status, _encode({"error": message}).encode(), dict(NO_STORE))


def no_token() -> Answer:
    """401 without a token."""
    body = {
        "error": "Unauthorized access. No authentication was provided.",
        "code": 401,
        "type": "NO_TOKEN_PROVIDED",
    }
    headers = {
        "WWW-Authenticate": "Bearer V1",
        "Access-Control-Allow-Methods": "GET, PUT, POST, DELETE, PATCH, OPTIONS",
        "Access-Control-Expose-Headers": "Content-Disposition",
    }
    return Answer(401, _encode(body).encode(), headers, "application/json")


def bad_token() -> Answer:
    """The token is unknown or was revoked."""
    found = error(401, "Unauthorized")
    found.headers["WWW-Authenticate"] = "Bearer V1"
    return found


def limited(status: int) -> Answer:
    """The limiter: plain text, not JSON."""
    return Answer(status, LIMITER_TEXT.encode(), dict(NO_STORE), "text/plain; charset=utf-8")


def challenge(status: int) -> Answer:
    """The challenge page for clients that look like robots."""
    return Answer(status, CHALLENGE.encode(), dict(NO_STORE), "text/html; charset=UTF-8")
