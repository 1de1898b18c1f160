"""HTML pages of a sign-in: small, without resources, caching or secrets."""

from __future__ import annotations

import base64
import hashlib

_PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>tvspiders</title></head>\n'
    '<body><h1>tvspiders</h1><p id="said" role="status">{said}</p>{script}</body></html>\n'
)
SCRIPT = """
"use strict";
const said = document.getElementById("said");
const brought = location.hash.slice(1) || location.search.slice(1);
history.replaceState(null, "", location.pathname);
fetch(location.pathname, {
  method: "POST",
  headers: {"Content-Type": "application/x-www-form-urlencoded"},
  body: brought,
  credentials: "omit",
}).then((answer) => answer.text()).then((text) => {
  said.textContent = text;
}).catch(() => {
  said.textContent = "The terminal cannot be reached: is scrapy login still waiting?";
});
"""
"""Posts the fragment, which no browser sends by itself, and removes it from the address bar."""

ARRIVED = "The answer has arrived. The terminal says how it ended; this window can be closed."
REFUSED = "This answer was not taken. The terminal says why; this window can be closed."
OVER = "This sign-in is over. Run scrapy login again for another one."
READING = "Reading the answer …"


def page(said: str, script: str = "") -> bytes:
    """One page; ``said`` is text of ours, never of the site's."""
    inside = f"<script>{script}</script>" if script else ""
    return _PAGE.format(said=said, script=inside).encode()


def headers(script: str = "") -> dict[str, str]:
    """No copy in any cache, no foreign content, no frame around it, no address passed on."""
    allowed = ""
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        allowed = f" script-src 'sha256-{digest}'; connect-src 'self';"
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"default-src 'none';{allowed} base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
